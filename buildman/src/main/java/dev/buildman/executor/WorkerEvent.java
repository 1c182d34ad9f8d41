package dev.buildman.executor;

import dev.buildman.model.Reason;

/** Something that an executor saw happen to a worker. Sentences carry no secret. */
public sealed interface WorkerEvent {

  /** Whom it happened to. */
  SeenWorker worker();

  /** The worker's main process ended; parts of it may still be there. */
  record Exited(SeenWorker worker, Exit exit) implements WorkerEvent {}

  /**
   * The provider takes the worker away, or lost sight of it: spot, preemption, eviction, drain,
   * node lost. No confirmed end: the worker may go on for a while.
   */
  record Notice(SeenWorker worker, Reason reason, String sentence) implements WorkerEvent {}

  /**
   * The worker exists and will never run: its image cannot be pulled, its container not be made
   * (K10, K12). The executor waited as long as such troubles heal by themselves.
   */
  record Stuck(SeenWorker worker, Reason reason, String sentence) implements WorkerEvent {}

  /** Nothing ends by it, but a person wants to know: no node has room yet (K11). */
  record Remark(SeenWorker worker, Reason reason, String sentence) implements WorkerEvent {}
}
