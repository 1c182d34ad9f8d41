package dev.buildman.reconcile;

import dev.buildman.model.BuildId;

/** The logs of ended builds; they may lie on another Redis. Blocks; every call may be repeated. */
public interface EndedLogs {

  /** Takes no more lines from now on. */
  void close(BuildId build);

  /** Forgets the log. */
  void delete(BuildId build);
}
