package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;

/** What went wrong in the words of the port. */
final class Failures {

  private Failures() {}

  static EngineFailure dockerfile(DockerfileException e) {
    return EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
        .at("", e.line());
  }

  /** A file of the work folder could not be read or written, as on a full disk. */
  static EngineFailure local(IOException e) throws InterruptedException {
    throwIfInterrupted(e);
    return EngineFailure.of(
        FailureCode.BUILD_RUN_ERROR, "a file could not be read or written: " + e, e);
  }

  /** Files report an interruption as a failure of their own kind. */
  static void throwIfInterrupted(IOException e) throws InterruptedException {
    if (e instanceof ClosedByInterruptException
        || e instanceof InterruptedIOException
        || Thread.currentThread().isInterrupted()) {
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException("interrupted at a file");
      interrupted.initCause(e);
      throw interrupted;
    }
  }
}
