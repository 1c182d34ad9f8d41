package dev.buildman.cli;

/** Arguments that do not fit together. Its message is one line for people. */
final class UsageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
