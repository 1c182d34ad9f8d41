package dev.buildman.agent.link;

import dev.buildman.agent.link.Lease.Moment;
import dev.buildman.agent.runtime.Time;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.ResourceUsage;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * One successful registration: a build, and the right to it while the heartbeats are answered. They
 * go on until this is closed or the session is over.
 */
public final class Session implements AutoCloseable {
  /** A manager that does not say has this. */
  private static final Duration DEFAULT_LEASE = Duration.ofSeconds(60);

  private final BuildPack pack;
  private final Lease lease;
  private final Phases phases;
  private final LogLines logLines;
  private final CacheQuestion cacheQuestion;
  private final Heartbeats heartbeats;

  /** What a session is held over. */
  record Connection(Calls calls, Streams streams, Redial redial, Time time) {}

  private Session(
      BuildPack pack, Moment asked, Connection connection, Supplier<ResourceUsage> usage) {
    Time time = connection.time();
    SessionToken token =
        new SessionToken(
            pack.getJobJwt(),
            seconds(pack.getHeartbeatSeconds(), Heartbeats.DEFAULT_INTERVAL),
            // Quay's manager does not know this field.
            !pack.getBuildId().isEmpty());
    this.pack = pack;
    this.lease =
        new Lease(
            seconds(pack.getLeaseSeconds(), DEFAULT_LEASE), asked, time.ticker(), time.wallClock());
    this.phases = new Phases(connection.calls(), token);
    this.logLines = new LogLines(connection.streams(), token, connection.redial());
    this.cacheQuestion = new CacheQuestion(connection.calls(), token);
    this.heartbeats =
        Heartbeats.start(connection.streams(), token, lease, connection.redial(), usage);
  }

  static Session begin(
      BuildPack pack, Moment asked, Connection connection, Supplier<ResourceUsage> usage) {
    return new Session(pack, asked, connection, usage);
  }

  private static Duration seconds(int seconds, Duration otherwise) {
    return seconds > 0 ? Duration.ofSeconds(seconds) : otherwise;
  }

  /** What to build. Full of secrets: never printed. */
  public BuildPack pack() {
    return pack;
  }

  /** The right to go on. */
  public Lease lease() {
    return lease;
  }

  /** Where phases are reported. */
  public Phases phases() {
    return phases;
  }

  /** Where log lines go. */
  public LogLines logLines() {
    return logLines;
  }

  /** Where a cache may be had. */
  public CacheQuestion cacheQuestion() {
    return cacheQuestion;
  }

  /** Stops the heartbeats; the manager is told nothing by that. */
  @Override
  public void close() {
    heartbeats.close();
  }
}
