package dev.buildman.executor;

import java.util.List;

/** All workers of one installation on an executor, running or ended, that still take a place. */
public sealed interface Inventory {

  /**
   * Complete at some moment after the call began.
   *
   * @param workers of every Redis state: the caller tells its own from foreign ones
   */
  record Listed(List<SeenWorker> workers) implements Inventory {
    public Listed {
      workers = List.copyOf(workers);
    }
  }

  /** Not seen, or seen in part: no conclusion may be drawn. */
  record Unavailable(String sentence) implements Inventory {}
}
