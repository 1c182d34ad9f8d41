package dev.buildman.agent.link;

import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.LogMessageResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands log lines to the manager, each exactly once and in order, over as many streams as it takes:
 * lines are numbered from 1 in a session, the manager passes over numbers that it has, and what was
 * not acknowledged is sent again. For one thread.
 */
public final class LogLines implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogLines.class);

  /** A manager holds lines for up to 8 s while its Redis is away. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(12);

  private final Streams streams;
  private final SessionToken session;
  private final Redial redial;
  private @Nullable Exchange<LogMessageRequest, LogMessageResponse> stream;
  private int sequence;

  LogLines(Streams streams, SessionToken session, Redial redial) {
    this.streams = streams;
    this.session = session;
    this.redial = redial;
  }

  /** How many lines one {@link #send} should have at most: Quay's manager takes one at a time. */
  public int batchLimit() {
    return session.extended() ? 512 : 1;
  }

  /**
   * Sends lines and waits until the manager has stored them.
   *
   * @param lines entries of Quay's form, at least one, at most {@link #batchLimit}
   * @throws ManagerException.Refused when the manager takes no lines of this session any more
   * @throws ManagerException.Lost when no manager answered within the reconnect window
   */
  public void send(List<String> lines) throws ManagerException, InterruptedException {
    LogMessageRequest request = request(lines);
    Redial.Series series = redial.begin();
    while (true) {
      String failure;
      try {
        Optional<LogMessageResponse> answer = exchange(request);
        if (answer.isPresent()) {
          accepted(answer.get());
          return;
        }
        failure = "no answer in " + ANSWER_PATIENCE.toSeconds() + " s";
      } catch (Exchange.Broken e) {
        if (!Verdicts.worthRepeating(e.status())) {
          throw new ManagerException.Refused("LogMessage: " + e.getMessage());
        }
        failure = String.valueOf(e.getMessage());
      }
      giveUp();
      log.info("log stream is opened again: failure={}", failure);
      series.pause("LogMessage", failure);
      streams.reconnect();
    }
  }

  private LogMessageRequest request(List<String> lines) {
    sequence += lines.size();
    LogMessageRequest.Builder request =
        LogMessageRequest.newBuilder().setJobJwt(session.token()).setSequenceNumber(sequence);
    return lines.size() == 1 && !session.extended()
        ? request.setLogMessage(lines.getFirst()).build()
        : request.addAllLogMessages(lines).build();
  }

  private Optional<LogMessageResponse> exchange(LogMessageRequest request)
      throws Exchange.Broken, InterruptedException {
    if (stream == null) {
      stream = streams.logMessage();
    }
    stream.send(request);
    return stream.take(ANSWER_PATIENCE);
  }

  private void accepted(LogMessageResponse answer) throws ManagerException.Refused {
    // Quay's manager says false for a line that it lost, and means nothing by it.
    if (!answer.getSuccess() && session.extended()) {
      throw new ManagerException.Refused("LogMessage: the session's log is closed");
    }
  }

  private void giveUp() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  /** Ends the stream. */
  @Override
  public void close() {
    if (stream != null) {
      stream.finish();
      stream = null;
    }
  }
}
