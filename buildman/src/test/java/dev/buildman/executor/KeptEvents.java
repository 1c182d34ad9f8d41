package dev.buildman.executor;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps all that a watch tells. */
public final class KeptEvents implements WorkerListener {
  /** What was told, in its order. */
  public final Queue<WorkerEvent> told = new ConcurrentLinkedQueue<>();

  /** Whose end was seen, and may be told next. */
  public final Queue<SeenWorker> ends = new ConcurrentLinkedQueue<>();

  /** Whether anybody waits for workers' ends. */
  public volatile boolean awaited = true;

  @Override
  public void on(WorkerEvent event) {
    told.add(event);
  }

  @Override
  public boolean awaits(SeenWorker worker) {
    ends.add(worker);
    return awaited;
  }
}
