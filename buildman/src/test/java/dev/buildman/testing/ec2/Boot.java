package dev.buildman.testing.ec2;

import dev.buildman.testing.kubernetes.PodProgram;
import java.io.IOException;

/** Makes what an instance runs. */
@FunctionalInterface
public interface Boot {

  /**
   * Starts an instance's machine; its end is the instance's.
   *
   * @param userData as the launch named it, without its Base64
   */
  PodProgram.Running boot(String instance, String userData) throws IOException;
}
