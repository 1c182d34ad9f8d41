package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;

/** What went wrong in the words of the port. */
final class Failures {
  private Failures() {}

  /** A file of the work folder could not be read or written, or buildah could not be started. */
  static EngineFailure local(IOException e) {
    return EngineFailure.of(
        FailureCode.BUILD_RUN_ERROR, "buildah cannot work on this machine: " + e.getMessage(), e);
  }
}
