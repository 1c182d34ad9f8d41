package dev.buildman.demo;

/** What was shown is not what had to be shown. Its message is one line for people. */
public final class DemoFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DemoFailed(String message) {
    super(message);
  }
}
