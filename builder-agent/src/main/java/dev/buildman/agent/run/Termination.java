package dev.buildman.agent.run;

/**
 * The wish that the agent ends now. It is remembered beside the interrupt that it causes, as who is
 * interrupted may report that as a failure of its own. Safe for any thread.
 */
public final class Termination {
  private final Thread build;
  private volatile boolean requested;

  /**
   * @param build the thread that {@link BuildRun#run} is called on
   */
  public Termination(Thread build) {
    this.build = build;
  }

  /** Stops the build; returns at once. */
  public void request() {
    requested = true;
    build.interrupt();
  }

  boolean requested() {
    return requested;
  }
}
