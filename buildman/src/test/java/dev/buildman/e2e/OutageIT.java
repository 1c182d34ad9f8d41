package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.model.BuildId;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Outages do not kill builds (R3, R13, R14): twenty builds, most with real agents and some with
 * workers of Quay's, live through one after the other. The whole lengths, with the lease as it is
 * shipped, with {@code -Dbuildman.long=true}; else both are shorter in proportion.
 */
@RedisTest
class OutageIT {
  private static final boolean WHOLE = Boolean.getBoolean("buildman.long");

  /**
   * Above the 8 s for which a manager without Redis holds a beat before it sends the agent away.
   */
  private static final Duration LEASE = Duration.ofSeconds(WHOLE ? 60 : 15);

  /** Longer than the lease: only grace keeps the builds. */
  private static final Duration AWAY = Duration.ofSeconds(WHOLE ? 90 : 17);

  private static final int OURS = 14;
  private static final int QUAYS = 6;

  @TempDir private Path folder;

  private final List<Build> ours = new ArrayList<>();
  private final List<Build> quays = new ArrayList<>();
  private OwnRedis redis;
  private Site site;
  private Steps steps;
  private QuayWorkers workers;
  private Gate wayToRedis;
  private ManagerProcess first;
  private ManagerProcess second;
  private Balance balance;

  @BeforeEach
  void open(OwnRedis own) throws Exception {
    redis = own;
    site = Site.open(folder, redis.settings(), redis.prefix());
    steps = new Steps(site);
    workers = new QuayWorkers(folder);
    wayToRedis = new Gate(SiteConfig.address(redis.settings()).port());
    Map<String, String> settings = settings();
    first = site.startManager(settings);
    settings.put("ORCHESTRATOR.REDIS_PORT", Integer.toString(wayToRedis.port()));
    second = site.manager(settings);
    first.awaitReady();
    balance = Balance.over(site, first, second);
  }

  @AfterEach
  void close() throws Exception {
    balance.close();
    workers.close();
    steps.close();
    site.close();
    wayToRedis.close();
  }

  private Map<String, String> settings() {
    return new HashMap<>(
        Map.of(
            "ALLOWED_WORKER_COUNT", Integer.toString(OURS + QUAYS),
            "BUILDMAN.LEASE", LEASE.toSeconds() + "s",
            "BUILDMAN.HEARTBEAT", "1s",
            "EXECUTOR.NAME", "quay",
            "EXECUTOR.BUILDER_BINARY_LOCATION", workers.program(),
            "EXECUTOR.NAMESPACE_WHITELIST", "[quay]",
            "SECOND.NAME", "ours",
            "SECOND.NAMESPACE_WHITELIST", "[acme]"));
  }

  @Test
  void twentyBuildsLoseNoAttempt() throws Exception {
    startAll();

    redis.process().restart();
    awaitHeard("Redis was killed and started again", all());

    redis.process().kill();
    pass(AWAY);
    assertThat(first.isAlive()).as(first.log()).isTrue();
    assertThat(second.isAlive()).as(second.log()).isTrue();
    redis.process().start();
    awaitHeard("Redis was away for longer than a lease", all());

    cutOneManagerOff();

    // From here on the first is the only one.
    second.kill();
    first.kill();
    pass(AWAY);
    first.start();
    first.awaitReady();
    // Those of Quay's never open a broken stream again.
    awaitHeard("the only manager was down for longer than a lease", ours);

    endAll();
    assertThat(first.log() + second.log()).doesNotContain(" ERROR ");
  }

  private void cutOneManagerOff() throws Exception {
    wayToRedis.cutOff();
    Awaitility.await("one manager of two is not ready").until(() -> !second.isReady());
    if (WHOLE) {
      pass(AWAY);
    }
    awaitHeard("Redis was away for one manager of two", ours);
    Awaitility.await("a worker of Quay's stays with its manager, and is carried meanwhile")
        .atMost(LEASE.plusSeconds(30))
        .until(() -> quays.stream().anyMatch(this::isCarried));
    assertNoAttemptLost("Redis was away for one manager of two");
    wayToRedis.open();
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(second::isReady);
  }

  private void startAll() throws Exception {
    try (BuildsClient client = first.client()) {
      steps.gate(Hold.BUILDING).shut();
      for (int i = 0; i < OURS; i++) {
        ours.add(Steps.enqueue(client, steps.patientSpec("acme/app-" + i)));
      }
      for (int i = 0; i < QUAYS; i++) {
        quays.add(steps.enqueue(client, "quay/app-" + i));
      }
      for (Build build : all()) {
        Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
      }
    }
  }

  private List<Build> all() {
    return Stream.concat(ours.stream(), quays.stream()).toList();
  }

  /** These are heard again, and all builds are where they were. */
  private void awaitHeard(String when, List<Build> heard) {
    Map<String, Long> before = new HashMap<>();
    heard.forEach(build -> before.put(build.getId(), beat(build)));
    Awaitility.await("all agents beat after " + when)
        .atMost(LEASE.plusSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> heard.stream().allMatch(build -> beat(build) > before.get(build.getId())));
    assertNoAttemptLost(when);
  }

  private void assertNoAttemptLost(String when) {
    for (Build build : all()) {
      String record = redis.keys().build(new BuildId(build.getId()));
      assertThat(field(record, "phase")).as("%s: %s", when, build).isEqualTo("building");
      assertThat(field(record, "attempt")).as("%s: %s", when, build).isEqualTo("1");
      assertThat(field(record, "interruptions")).as("%s: %s", when, build).isEqualTo("0");
    }
  }

  private long beat(Build build) {
    return Long.parseLong(field(redis.keys().job(new BuildId(build.getId())), "beat"));
  }

  private boolean isCarried(Build build) {
    return !field(redis.keys().job(new BuildId(build.getId())), "carried_at").isEmpty();
  }

  private String field(String key, String name) {
    return redis
        .process()
        .field(key, name)
        .orElseThrow(() -> new AssertionError(name + " of " + key + " is gone"));
  }

  private void endAll() throws Exception {
    steps.gate(Hold.BUILDING).open();
    quays.forEach(build -> workers.worker(build.getId()).release());
    try (BuildsClient client = first.client()) {
      for (Build build : all()) {
        Watching watching = new Watching();
        Build ended = watching.follow(client, build.getId());
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).as("%s", watching.events()).isEqualTo(1);
        assertThat(watching.reasons()).containsOnlyOnce("REGISTERED", "COMPLETED");
      }
      Watching.awaitNothingLeft(client, site);
    }
  }

  /** The outage's length is what is tested: nothing happens that could be waited for. */
  private static void pass(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
  }
}
