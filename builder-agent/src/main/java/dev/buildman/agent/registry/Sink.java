package dev.buildman.agent.registry;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the body of a successful answer as it arrives, on the HTTP client's threads. */
@FunctionalInterface
interface Sink {
  /**
   * @throws IOException to end the transfer; it reaches the caller as it is
   */
  void accept(ByteBuffer bytes) throws IOException;
}
