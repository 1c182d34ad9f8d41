package dev.buildman.agent.link;

/** The manager cannot be worked with any more. The message is for the operator; no secret in it. */
public abstract sealed class ManagerException extends Exception {
  private static final long serialVersionUID = 1L;

  private ManagerException(String message) {
    super(message);
  }

  /** The manager answered, and it was a no that repeating does not change. */
  public static final class Refused extends ManagerException {
    private static final long serialVersionUID = 1L;

    public Refused(String message) {
      super(message);
    }
  }

  /** No manager answered within the reconnect window. */
  public static final class Lost extends ManagerException {
    private static final long serialVersionUID = 1L;

    Lost(String message) {
      super(message);
    }
  }
}
