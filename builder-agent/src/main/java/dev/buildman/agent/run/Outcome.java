package dev.buildman.agent.run;

/** How an agent ends, and the exit status that says so. */
public enum Outcome {
  /** The image is in the registry and the manager knows. */
  COMPLETE(0),
  /** The build failed and the manager knows why. */
  FAILED(1),
  /** The manager ended the session: cancelled, expired, or another worker builds it. */
  STOPPED(3),
  /** There is no build for this registration token. */
  NOT_REGISTERED(4),
  /** No manager answered within the reconnect window. */
  MANAGER_LOST(5),
  /** The worker was told to end. The JVM's own status after SIGTERM is the same. */
  TERMINATED(143);

  private final int exitStatus;

  Outcome(int exitStatus) {
    this.exitStatus = exitStatus;
  }

  /** Of the agent's process. */
  public int exitStatus() {
    return exitStatus;
  }
}
