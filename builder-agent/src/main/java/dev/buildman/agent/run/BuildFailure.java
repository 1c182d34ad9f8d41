package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.source.SourceFailure;
import dev.buildman.proto.agent.BuildmanProto;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.FailureCode;
import java.util.function.UnaryOperator;

/**
 * Why a build failed, in the words that the manager and the build's owner get.
 *
 * <p>The message may still hold a secret that an engine or a registry repeated: {@link #toWire}
 * masks it.
 */
final class BuildFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** What Quay's error names begin with. */
  private static final String PREFIX = "io.quay.builder.";

  /** A message is for a person; a registry's HTML page is not. */
  private static final int LONGEST_MESSAGE = 4_000;

  private final FailureCode code;
  private final String step;
  private final int exitCode;

  private BuildFailure(FailureCode code, String message, String step, int exitCode) {
    super(message);
    this.code = code;
    this.step = step;
    this.exitCode = exitCode;
  }

  BuildFailure(FailureCode code, String message) {
    this(code, message, "", 0);
  }

  static BuildFailure of(SourceFailure failure) {
    return new BuildFailure(failure.code(), failure.message());
  }

  static BuildFailure of(EngineFailure failure) {
    return new BuildFailure(
        failure.code(),
        failure.message(),
        place(failure.line(), failure.step()),
        failure.exitCode());
  }

  static BuildFailure of(DockerfileException failure) {
    return new BuildFailure(
        FailureCode.DOCKERFILE_ISSUE,
        String.valueOf(failure.getMessage()),
        place(failure.line(), ""),
        0);
  }

  private static String place(int line, String instruction) {
    return (line > 0 ? "Dockerfile:" + line + " " : "").concat(instruction).strip();
  }

  FailureCode code() {
    return code;
  }

  /** Where it failed: {@code Dockerfile:12 RUN make}; empty when no instruction did. */
  String step() {
    return step;
  }

  /** Of the command that failed; 0: none. */
  int exitCode() {
    return exitCode;
  }

  /** For the manager, in these words; every text goes through the mask. */
  Failure toWire(String words, UnaryOperator<String> mask) {
    String message = mask.apply(words);
    return Failure.newBuilder()
        .setCode(
            PREFIX
                + code.getValueDescriptor().getOptions().getExtension(BuildmanProto.info).getName())
        .setMessage(
            message.length() <= LONGEST_MESSAGE ? message : message.substring(0, LONGEST_MESSAGE))
        .setStep(mask.apply(step))
        .setExitCode(exitCode)
        .build();
  }
}
