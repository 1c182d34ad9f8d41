package dev.buildman.agent.engine;

import dev.buildman.proto.agent.FailureCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a build failed in its engine. The message is for the person who asked for the build and holds
 * no secret.
 */
public final class EngineFailure extends Exception {

  private static final long serialVersionUID = 1L;

  private final FailureCode code;
  private final String step;
  private final int line;
  private final int exitCode;

  private EngineFailure(FailureCode code, String message, Place place, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.step = place.step;
    this.line = place.line;
    this.exitCode = place.exitCode;
  }

  /** A failure that belongs to no instruction. */
  public static EngineFailure of(FailureCode code, String message) {
    return new EngineFailure(code, message, new Place("", 0, 0), null);
  }

  /** A failure with the exception that led to it. */
  public static EngineFailure of(FailureCode code, String message, Throwable cause) {
    return new EngineFailure(code, message, new Place("", 0, 0), cause);
  }

  /** The same failure at an instruction: its text and first line. */
  public EngineFailure at(String instruction, int atLine) {
    return new EngineFailure(code, message(), new Place(instruction, atLine, exitCode), getCause());
  }

  /** The same failure with the exit status of the command that failed. */
  public EngineFailure withExitCode(int status) {
    return new EngineFailure(code, message(), new Place(step, line, status), getCause());
  }

  /** What decides whether the build is repeated. */
  public FailureCode code() {
    return code;
  }

  /** The message, never null. */
  public String message() {
    return String.valueOf(getMessage());
  }

  /** The instruction that failed, as written; empty when none did. */
  public String step() {
    return step;
  }

  /** The first line of the instruction in the Dockerfile, from 1; 0 when unknown. */
  public int line() {
    return line;
  }

  /** Exit status of the failed command; 0 when no command failed. */
  public int exitCode() {
    return exitCode;
  }

  private record Place(String step, int line, int exitCode) {}
}
