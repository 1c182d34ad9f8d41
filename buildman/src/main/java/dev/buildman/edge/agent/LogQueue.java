package dev.buildman.edge.agent;

import dev.buildman.token.Grant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one log stream that wait for Redis. One batch is on its way at a time, so that lines
 * keep their order; what follows it without a gap is joined. Thread-safe.
 */
final class LogQueue {
  /**
   * @param last number of the last line
   * @param bytes that it weighs
   * @param answered whether its sender waits for an answer: not for the first parts of a message
   *     that was divided
   */
  record Message(Grant.Job grant, int last, List<String> lines, int bytes, boolean answered) {}

  /** Messages that go to Redis together. */
  record Batch(Grant.Job grant, int last, List<String> lines, List<Message> messages) {}

  private final Deque<Message> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean onItsWay;
  private boolean paused;
  private boolean closed;

  /** Adds a message. The batch, if there is one, is the caller's to send. */
  synchronized @Nullable Batch add(Message message) {
    waitingBytes += message.bytes();
    int lines = message.lines().size();
    for (int from = 0; from < Math.max(1, lines); from += AgentLimits.LOG_BATCH_LINES) {
      int to = Math.min(lines, from + AgentLimits.LOG_BATCH_LINES);
      boolean whole = to == lines;
      waiting.add(
          new Message(
              message.grant(),
              message.last() - (lines - to),
              message.lines().subList(from, to),
              whole ? message.bytes() : 0,
              whole));
    }
    return onItsWay ? null : next();
  }

  /** The next batch to send; null when nothing waits. The batch before it must be done. */
  synchronized @Nullable Batch next() {
    Message first = waiting.poll();
    onItsWay = first != null;
    if (first == null) {
      return null;
    }
    List<Message> messages = new ArrayList<>(List.of(first));
    List<String> lines = new ArrayList<>(first.lines());
    int last = first.last();
    for (Message more = waiting.peek(); more != null; more = waiting.peek()) {
      if (!joins(more, first, last, lines.size())) {
        break;
      }
      waiting.remove();
      messages.add(more);
      lines.addAll(more.lines());
      last = more.last();
    }
    return new Batch(first.grant(), last, lines, messages);
  }

  private static boolean joins(Message more, Message first, int last, int lines) {
    return more.grant().equals(first.grant())
        && more.last() - more.lines().size() == last
        && lines + more.lines().size() <= AgentLimits.LOG_BATCH_LINES;
  }

  /** Whether one more message may be read; if not, {@link #done} says when. */
  synchronized boolean mayRead() {
    paused = waitingBytes >= AgentLimits.LOG_WAITING_BYTES;
    return !paused;
  }

  /** A batch was answered. True: reading was paused and goes on. */
  synchronized boolean done(Batch batch) {
    for (Message message : batch.messages()) {
      waitingBytes -= message.bytes();
    }
    boolean goesOn = paused && waitingBytes < AgentLimits.LOG_WAITING_BYTES;
    paused &= !goesOn;
    return goesOn;
  }

  /** Nothing is added any more. */
  synchronized void close() {
    closed = true;
  }

  /** Whether all is answered and nothing is added any more. */
  synchronized boolean isFinished() {
    return closed && !onItsWay && waiting.isEmpty();
  }
}
