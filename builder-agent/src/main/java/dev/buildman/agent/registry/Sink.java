package dev.buildman.agent.registry;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;

/** Takes the body of a successful answer as it arrives, on the HTTP client's threads. */
@FunctionalInterface
interface Sink {
  /**
   * Hears what the body is, before its first byte.
   *
   * @throws IOException to refuse it; it reaches the caller as it is
   */
  default void begin(int status, HttpHeaders headers) throws IOException {}

  /**
   * Takes the next bytes; may block, which holds the transfer.
   *
   * @throws IOException to end the transfer; it reaches the caller as it is
   */
  void accept(ByteBuffer bytes) throws IOException;
}
