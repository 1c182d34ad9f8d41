package dev.buildman.demo;

/** What was shown is not what had to be shown. Its message is one line for people. */
final class DemoFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  DemoFailed(String message) {
    super(message);
  }
}
