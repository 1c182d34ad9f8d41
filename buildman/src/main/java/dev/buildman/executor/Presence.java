package dev.buildman.executor;

/** Whether a worker is still there. */
public sealed interface Presence {

  /**
   * Nothing of the worker runs any more, and nothing of it can start to run again from what the
   * control plane knows. The exit is {@link Exit#unknown()} where its traces are gone.
   */
  record Gone(Exit exit) implements Presence {}

  /** Something of it is there, running or ending. */
  record Present() implements Presence {}

  /**
   * Neither was seen: the control plane is away, does not know the worker <em>yet</em> (E5), or
   * this manager is on the wrong host. Never to be taken for gone.
   */
  record Unknown(String sentence) implements Presence {}
}
