package dev.buildman.executor;

/** Takes what an executor sees of its workers. Called from any thread, also concurrently. */
@FunctionalInterface
public interface WorkerListener {

  /**
   * Must return soon: longer work goes to another thread. What it throws is logged, and the event
   * told again.
   */
  void on(WorkerEvent event);

  /**
   * Whether the end of a worker still matters. Of one that nobody waits for an adapter needs to
   * find out nothing more, and may tell nothing. May block.
   */
  default boolean awaits(SeenWorker worker) {
    return true;
  }
}
