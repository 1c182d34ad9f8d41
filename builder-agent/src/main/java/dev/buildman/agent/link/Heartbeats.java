package dev.buildman.agent.link;

import dev.buildman.agent.link.Lease.Moment;
import dev.buildman.proto.agent.HeartbeatRequest;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.ResourceUsage;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Beats until the session is over, over as many streams as it takes. One beat is under way at a
 * time, so an answer belongs to the last beat that was sent.
 */
final class Heartbeats implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);

  /** As Quay's worker has it. */
  static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(2);

  /** A manager holds a beat for up to 8 s while its Redis is away. */
  private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(12);

  /** As Quay's worker has it: a single no may come from a manager that is starting. */
  private static final int REFUSALS = 3;

  private final Streams streams;
  private final String token;
  private final Supplier<ResourceUsage> usage;
  private final Lease lease;
  private final Redial.Series series;
  private final Thread thread;
  private Duration interval;
  private int refused;
  private volatile boolean closed;

  private Heartbeats(
      Streams streams,
      SessionToken session,
      Lease lease,
      Redial redial,
      Supplier<ResourceUsage> usage) {
    this.streams = streams;
    this.token = session.token();
    this.usage = usage;
    this.lease = lease;
    this.series = redial.begin();
    this.interval = session.heartbeat();
    this.thread = Thread.ofVirtual().name("heartbeats").unstarted(this::run);
  }

  /**
   * @param usage called for each beat; quick
   */
  static Heartbeats start(
      Streams streams,
      SessionToken session,
      Lease lease,
      Redial redial,
      Supplier<ResourceUsage> usage) {
    Heartbeats heartbeats = new Heartbeats(streams, session, lease, redial, usage);
    heartbeats.thread.start();
    return heartbeats;
  }

  /** Stops beating, as the build is over. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    try {
      while (!closed && lease.ended().isEmpty()) {
        converse();
      }
    } catch (ManagerException.Lost e) {
      end(SessionEnd.Kind.MANAGER_LOST, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      log.debug("heartbeats end: closed={}", closed);
    } catch (RuntimeException e) {
      log.error("heartbeats failed", e);
      end(SessionEnd.Kind.MANAGER_LOST, "the agent's heartbeats failed: " + e);
    }
  }

  /** One stream, from its first beat until it breaks or the session is over. */
  private void converse() throws ManagerException.Lost, InterruptedException {
    try (Exchange<HeartbeatRequest, HeartbeatResponse> stream = streams.heartbeat()) {
      while (lease.ended().isEmpty()) {
        HeartbeatRequest beat = beat();
        Moment sent = lease.now();
        stream.send(beat);
        Optional<HeartbeatResponse> answer = stream.take(ANSWER_PATIENCE);
        if (answer.isEmpty()) {
          broken("no answer in " + ANSWER_PATIENCE.toSeconds() + " s");
          return;
        }
        series.worked();
        answered(answer.get(), sent);
        if (refused == 0) {
          pause(stream);
        }
      }
    } catch (Exchange.Broken e) {
      if (Verdicts.worthRepeating(e.status())) {
        broken(String.valueOf(e.getMessage()));
      } else {
        end(SessionEnd.Kind.REFUSED, "heartbeat: " + e.getMessage());
      }
    }
  }

  private HeartbeatRequest beat() {
    return HeartbeatRequest.newBuilder().setJobJwt(token).setUsage(usage.get()).build();
  }

  private void answered(HeartbeatResponse answer, Moment sent) {
    if (answer.getNextSeconds() > 0) {
      interval = Duration.ofSeconds(answer.getNextSeconds());
    }
    if (answer.getCancelled()) {
      end(SessionEnd.Kind.STOPPED, "the manager ended this session");
    } else if (answer.getReply()) {
      refused = 0;
      lease.renew(sent);
    } else if (++refused >= REFUSALS) {
      end(SessionEnd.Kind.STOPPED, "the manager refused " + REFUSALS + " beats in a row");
    }
  }

  /** Waits for the time of the next beat, and hears a cancel that comes meanwhile. */
  private void pause(Exchange<HeartbeatRequest, HeartbeatResponse> stream)
      throws Exchange.Broken, InterruptedException {
    long start = lease.now().nanos();
    Duration left = interval;
    while (left.isPositive() && lease.ended().isEmpty()) {
      if (stream.take(left).map(HeartbeatResponse::getCancelled).orElse(false)) {
        end(SessionEnd.Kind.STOPPED, "the manager ended this session");
      }
      left = interval.minusNanos(lease.now().nanos() - start);
    }
  }

  private void broken(String failure) throws ManagerException.Lost, InterruptedException {
    if (closed) {
      return;
    }
    log.info("heartbeat stream is opened again: failure={}", failure);
    series.pause("heartbeat", failure);
    streams.redial();
  }

  private void end(SessionEnd.Kind kind, String message) {
    if (!closed) {
      lease.end(new SessionEnd(kind, message));
    }
  }
}
