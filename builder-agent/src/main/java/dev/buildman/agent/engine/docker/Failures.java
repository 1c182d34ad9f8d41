package dev.buildman.agent.engine.docker;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;

/** What went wrong in the words of the port. */
final class Failures {
  private Failures() {}

  /** The daemon broke off, or refused what it should not refuse. */
  static EngineFailure daemon(DaemonException e) {
    FailureCode code = e.isLost() ? FailureCode.DOCKER_CONNECT_ERROR : FailureCode.BUILD_RUN_ERROR;
    return EngineFailure.of(code, e.message(), e);
  }

  /** A file of the work folder could not be read or written. */
  static EngineFailure local(IOException e) {
    return EngineFailure.of(
        FailureCode.BUILD_RUN_ERROR, "the work folder cannot be used: " + e.getMessage(), e);
  }
}
