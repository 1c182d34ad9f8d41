package dev.buildman.agent.registry;

/** How a blob came to be in the repository. */
public enum PushOutcome {
  /** It was there already. */
  EXISTED,
  /** The registry took it from another repository of its own. */
  MOUNTED,
  /** Its bytes were sent. */
  PUSHED
}
