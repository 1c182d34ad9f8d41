package dev.buildman.agent.registry;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of one transfer: feeds the progress and tells a slow one from a dead one. */
final class Meter {
  private final AtomicLong moved = new AtomicLong();
  private final AtomicLong signs = new AtomicLong();
  private final TransferProgress progress;
  private final long total;

  Meter(TransferProgress progress, long total) {
    this.progress = progress;
    this.total = total;
  }

  static Meter silent() {
    return new Meter(TransferProgress.NONE, 0);
  }

  void add(long bytes) {
    signs.incrementAndGet();
    progress.moved(moved.addAndGet(bytes), total);
  }

  /** Goes back, or on, to what need not travel again. */
  void restart(long offset) {
    signs.incrementAndGet();
    moved.set(offset);
  }

  /** A sign of life without a byte: the transfer waits for this side. */
  void held() {
    signs.incrementAndGet();
  }

  /** Another number after each sign of life. */
  long signs() {
    return signs.get();
  }
}
