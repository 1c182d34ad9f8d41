package dev.buildman.session;

import dev.buildman.model.BuildId;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.token.Grant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The heartbeat streams that this manager holds, so that an agent whose session is over hears it at
 * once and not at its next beat. Thread-safe.
 */
public final class OpenStreams {
  private static final Logger log = LoggerFactory.getLogger(OpenStreams.class);

  private final Jobs jobs;
  private final Builds builds;
  private final Executor threads;
  private final Map<BuildId, Set<Stream>> streams = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  /**
   * @param threads may be blocked
   */
  public OpenStreams(Jobs jobs, Builds builds, Executor threads) {
    this.jobs = jobs;
    this.builds = builds;
    this.threads = threads;
  }

  /** Hears that its session is over. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param reason a stable code
     */
    void over(String reason);
  }

  /** One open stream; closing it forgets it. */
  public final class Stream implements AutoCloseable {
    private final SessionRef session;
    private final Listener listener;

    private Stream(SessionRef session, Listener listener) {
      this.session = session;
      this.listener = listener;
    }

    @Override
    public void close() {
      streams.computeIfPresent(
          session.build(),
          (build, present) -> {
            if (present.remove(this)) {
              count.decrementAndGet();
            }
            return present.isEmpty() ? null : present;
          });
    }
  }

  /** Remembers a stream until it is closed. */
  public Stream open(Grant.Job grant, Listener listener) {
    Stream stream = new Stream(grant.session(), listener);
    streams.compute(
        grant.build(),
        (build, present) -> {
          Set<Stream> all = present == null ? ConcurrentHashMap.newKeySet() : present;
          all.add(stream);
          return all;
        });
    count.incrementAndGet();
    return stream;
  }

  /** Streams that are open. */
  public int count() {
    return count.get();
  }

  /**
   * A hint that something may have ended this build's session: looks, and tells those that are
   * over. Returns at once; costs a look-up when no stream of the build is here.
   */
  public void hint(BuildId build) {
    if (streams.containsKey(build)) {
      threads.execute(() -> look(build));
    }
  }

  private void look(BuildId build) {
    try {
      Optional<JobRecord> job = jobs.get(build);
      for (Stream stream : streams.getOrDefault(build, Set.of())) {
        if (job.filter(present -> holds(present, stream.session)).isEmpty()) {
          stream.listener.over(reason(build));
        }
      }
    } catch (RedisUnavailable e) {
      // The agent's next beat asks again.
      log.debug("hint not followed: build={}, why={}", build, e.getMessage());
    }
  }

  private static boolean holds(JobRecord job, SessionRef session) {
    return job.attempt().equals(session.attempt())
        && job.ref().nonce().equals(session.nonce())
        && job.agent().filter(agent -> agent.session() == session.session()).isPresent();
  }

  private String reason(BuildId build) {
    return builds.get(build).map(record -> record.standing().reason()).orElse("ENDED");
  }
}
