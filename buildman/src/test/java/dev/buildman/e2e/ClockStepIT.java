package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.Buildman;
import dev.buildman.Clocks;
import dev.buildman.InProcessManager;
import dev.buildman.client.BuildsClient;
import dev.buildman.client.Endpoint;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.model.BuildId;
import dev.buildman.model.Secret;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Redis's clock steps by minutes, and Redis is away for minutes, while builds run with real agents
 * and with workers of Quay's: no attempt is lost. Time moves by the argument of the scripts.
 */
@RedisTest
class ClockStepIT {
  private static final int OF_EACH = 2;

  @TempDir private Path folder;

  private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);
  private final List<Build> builds = new ArrayList<>();
  private OwnRedis redis;

  @Test
  void noBuildIsLost(OwnRedis own) throws Exception {
    redis = own;
    Clocks clocks = new Clocks(InstantSource.system(), () -> Optional.of(now()));
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        QuayWorkers workers = new QuayWorkers(folder)) {
      Site.Configured configured = site.configure("in-process", settings(workers));
      try (Buildman manager = InProcessManager.start(configured.file(), HeldAgents.AGENT, clocks);
          BuildsClient client = client(configured)) {
        startAll(client, steps);

        step(Duration.ofMinutes(5));
        step(Duration.ofMinutes(-5));
        step(Duration.ofMinutes(-5));
        redis.process().kill();
        offset.updateAndGet(present -> present.plusMinutes(7));
        redis.process().start();
        assertAllAreHeard("Redis was away for seven minutes", now());
        step(Duration.ofMinutes(5));

        steps.gate(Hold.BUILDING).open();
        for (Build build : builds) {
          if (build.getRepository().startsWith("quay/")) {
            workers.worker(build.getId()).release();
          }
        }
        for (Build build : builds) {
          Build ended = Watching.toTheEnd(client, build);
          assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
          assertThat(ended.getAttempt()).isEqualTo(1);
        }
        Watching.awaitNothingLeft(client, site);
        manager.drain();
      }
    }
  }

  private static Map<String, String> settings(QuayWorkers workers) {
    return Map.of(
        "ALLOWED_WORKER_COUNT", Integer.toString(2 * OF_EACH),
        "BUILDMAN.DRAIN_TIMEOUT", "1s",
        "BUILDMAN.HEARTBEAT", "1s",
        "EXECUTOR.NAME", "quay",
        "EXECUTOR.BUILDER_BINARY_LOCATION", workers.program(),
        "EXECUTOR.NAMESPACE_WHITELIST", "[quay]",
        "SECOND.NAME", "ours",
        "SECOND.NAMESPACE_WHITELIST", "[acme]");
  }

  private static BuildsClient client(Site.Configured configured) throws Exception {
    return BuildsClient.open(
        new Endpoint(
            "127.0.0.1", configured.ports().clients(), false, Optional.empty(), Secret.NONE));
  }

  private Instant now() {
    return Instant.now().plus(offset.get());
  }

  private void startAll(BuildsClient client, Steps steps) {
    steps.gate(Hold.BUILDING).shut();
    for (int i = 0; i < OF_EACH; i++) {
      builds.add(Steps.enqueue(client, steps.patientSpec("acme/app-" + i)));
      builds.add(steps.enqueue(client, "quay/app-" + i));
    }
    for (Build build : builds) {
      Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
    }
  }

  private void step(Duration by) {
    offset.updateAndGet(present -> present.plus(by));
    assertAllAreHeard("the clock stepped by " + by, now());
  }

  /** All beat by the new time, and are where they were. */
  private void assertAllAreHeard(String when, Instant since) {
    Awaitility.await("all agents beat after " + when)
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> builds.stream().map(this::beat).allMatch(beat -> isBetween(since, beat)));
    for (Build build : builds) {
      String record = redis.keys().build(new BuildId(build.getId()));
      assertThat(redis.process().field(record, "phase")).as(when).contains("building");
      assertThat(redis.process().field(record, "attempt")).as(when).contains("1");
    }
  }

  private boolean isBetween(Instant since, Instant beat) {
    return !beat.isBefore(since) && !beat.isAfter(now().plusSeconds(1));
  }

  private Instant beat(Build build) {
    return redis
        .process()
        .field(redis.keys().job(new BuildId(build.getId())), "beat")
        .map(Long::parseLong)
        .map(Instant::ofEpochMilli)
        .orElseThrow(() -> new AssertionError("the job of " + build.getId() + " is gone"));
  }
}
