package dev.buildman.executor.ec2;

import dev.buildman.model.Reason;

/** What an instance's state, and what changed it, mean for its worker. */
sealed interface Fate {

  /** It runs, or begins to. */
  record Well() implements Fate {}

  /** The provider took it away, or lost it. */
  record Taken(Reason reason, String sentence) implements Fate {}

  /** It ended before its machine ever ran. */
  record NeverRan(Reason reason, String sentence) implements Fate {}

  /**
   * It ended or is ending.
   *
   * @param byItself it switched itself off, as its agent had ended: its console tells how
   */
  record Over(boolean byItself) implements Fate {}

  /** Reads it. */
  static Fate of(SeenInstance instance) {
    if (instance.isAlive()) {
      return new Well();
    }
    String reason = instance.reason();
    if (reason.startsWith("Server.SpotInstance")) {
      return new Taken(Reason.SPOT_INTERRUPTED, told(Reason.SPOT_INTERRUPTED.sentence(), instance));
    }
    if (reason.endsWith("InsufficientInstanceCapacity")) {
      return new NeverRan(Reason.UNSCHEDULABLE, told("There was no room for it.", instance));
    }
    if (reason.endsWith("LimitExceeded")) {
      return new NeverRan(Reason.QUOTA_EXCEEDED, told(Reason.QUOTA_EXCEEDED.sentence(), instance));
    }
    if (reason.startsWith("Server.")) {
      return new Taken(Reason.NODE_LOST, told("The provider ended the instance.", instance));
    }
    return switch (reason) {
      // Among others a key of its encrypted volume that may not be used.
      case "Client.InternalError", "Client.InvalidSnapshot.NotFound" ->
          new NeverRan(
              Reason.EXECUTOR_UNAVAILABLE,
              told(
                  "The instance could not begin; may its role use the key that encrypts volumes?",
                  instance));
      case "Client.InstanceInitiatedShutdown", "Client.InstanceInitiatedTerminate" ->
          new Over(true);
      default -> new Over(false);
    };
  }

  private static String told(String sentence, SeenInstance instance) {
    String words = instance.words().isEmpty() ? instance.reason() : instance.words();
    return sentence + " " + words;
  }
}
