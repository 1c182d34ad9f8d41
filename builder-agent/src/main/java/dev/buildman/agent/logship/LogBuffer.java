package dev.buildman.agent.logship;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What waits to be sent, in order. Who puts more than it holds waits for what is on its way. Safe
 * for any thread.
 */
final class LogBuffer {
  /** Characters that wait at most before a build is held up; a few seconds of a slow network. */
  static final int CAPACITY = 1 << 20;

  /**
   * Characters of one entry at most: a manager cuts an entry at 16 KiB, and escapes and UTF-8 make
   * it longer. Smaller ones are joined up to this size.
   */
  static final int LONGEST = 4 * 1024;

  /** Characters in one batch at most; far below the 4 MiB of a message. */
  private static final int BATCH = 256 * 1024;

  private final Deque<Entry> waiting = new ArrayDeque<>();
  private int size;
  private long accepted;
  private long sent;
  private boolean closed;

  /**
   * Adds at the end; what the last entry can take is added to it. Drops the entry when the buffer
   * is closed, and when the thread is interrupted while it waits (it stays interrupted).
   */
  synchronized void put(Entry entry) {
    try {
      while (size > 0 && size + entry.size() > CAPACITY && !closed) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (closed) {
      return;
    }
    if (!joined(entry)) {
      waiting.add(entry);
      accepted++;
    }
    size += entry.size();
    notifyAll();
  }

  private boolean joined(Entry entry) {
    if (entry instanceof Entry.Stream(String text, boolean whole)
        && !whole
        && waiting.peekLast() instanceof Entry.Stream(String before, boolean wholeBefore)
        && !wholeBefore
        && before.length() + text.length() <= LONGEST) {
      waiting.removeLast();
      waiting.add(new Entry.Stream(before + text, false));
      return true;
    }
    return false;
  }

  /** Waits for entries and takes them; empty when the buffer is closed and nothing is left. */
  synchronized List<Entry> take(int limit) throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    List<Entry> batch = new ArrayList<>();
    int taken = 0;
    while (!waiting.isEmpty() && batch.size() < limit && taken < BATCH) {
      Entry entry = waiting.remove();
      taken += entry.size();
      batch.add(entry);
    }
    size -= taken;
    notifyAll();
    return batch;
  }

  /** So many of those taken have arrived. */
  synchronized void sent(int entries) {
    sent += entries;
    notifyAll();
  }

  /** Waits until all that was put before this call has arrived, or will never. */
  synchronized void awaitSent() throws InterruptedException {
    long target = accepted;
    while (sent < target && !closed) {
      wait();
    }
  }

  /** Nothing is taken in any more, nobody waits any more; what is left can be taken still. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** As {@link #close}, and forgets what is left. */
  synchronized void discard() {
    waiting.clear();
    size = 0;
    close();
  }
}
