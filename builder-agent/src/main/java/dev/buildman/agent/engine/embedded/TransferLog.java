package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.TransferProgress;
import java.util.concurrent.atomic.AtomicLong;

/** Writes how far layers are, not more than some twenty lines for each. */
final class TransferLog {

  private static final int ID_LENGTH = 12;
  private static final int LINES = 20;
  private static final long SMALLEST_STEP = 512L << 10;

  private final EngineLog log;

  TransferLog(EngineLog log) {
    this.log = log;
  }

  TransferProgress of(Descriptor blob, String status) {
    AtomicLong next = new AtomicLong();
    long step = Math.max(SMALLEST_STEP, blob.size() / LINES);
    return (done, total) -> {
      long due = next.get();
      // After a repeat the count begins anew and so do the lines.
      if ((done >= due || done < due - step) && next.compareAndSet(due, done + step)) {
        log.progress(id(blob), status, done, total);
      }
    };
  }

  void done(Descriptor blob, String status) {
    log.progress(id(blob), status, 0, 0);
  }

  private static String id(Descriptor blob) {
    return blob.digest().hex().substring(0, ID_LENGTH);
  }
}
