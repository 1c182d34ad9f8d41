package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A chain of executors in which everything goes wrong that can, while managers are killed and cut
 * off from Redis. {@code -Dbuildman.seed=N} repeats what goes wrong; {@code -Dbuildman.long=true}
 * runs all of it, with 200 builds.
 */
@RedisTest
class ChaosIT {
  private static final boolean WHOLE = Boolean.getBoolean("buildman.long");
  private static final int BUILDS = WHOLE ? 200 : 16;
  private static final long SEED = Long.getLong("buildman.seed", 20_261_121L);
  private static final Duration CHAOS = Duration.ofSeconds(WHOLE ? 150 : 8);
  private static final Duration LIMIT = Duration.ofSeconds(WHOLE ? 900 : 180);

  private static final int HISTORY = 200;

  // What may cost a try here: an agent cut off, or a worker gone. Nothing that a cluster lacks.
  private static final Set<String> COSTS_A_TRY =
      Set.of("HEARTBEAT_LOST", "WORKER_EXITED", "NEVER_REGISTERED", "AGENT_FAILED", "PUSH_FAILED");

  @TempDir private Path folder;
  private final Random random = new Random(SEED);
  private final ChaosAgents agents = new ChaosAgents();

  @Test
  @RequiresTool(value = "dockerd", debianPackage = "docker.io")
  @RequiresTool(value = "busybox", debianPackage = "busybox-static")
  void whateverFourControlPlanesDoEveryBuildEndsAndNothingIsLeft(TestRedis redis) throws Exception {
    try (ChaosPlace cluster = new ChaosCluster("cluster", folder, agents, SEED + 1, WHOLE);
        ChaosPlace cloud = new ChaosCloud("cloud", folder, agents, SEED + 2);
        ChaosPlace host = new ChaosHost("host", folder, SEED + 3)) {
      everyBuildEnds(redis, List.of(cluster, cloud, host));
    }
  }

  @Test
  void whateverTwoClustersDoEveryBuildEndsAndNothingIsLeft(TestRedis redis) throws Exception {
    Assumptions.assumeTrue(WHOLE, "the shorter run of the other chain has a cluster too");
    try (ChaosPlace one = new ChaosCluster("one", folder, agents, SEED + 1, WHOLE);
        ChaosPlace two = new ChaosCluster("two", folder, agents, SEED + 2, WHOLE)) {
      everyBuildEnds(redis, List.of(one, two));
    }
  }

  private void everyBuildEnds(TestRedis redis, List<ChaosPlace> places) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix())) {
      Gate wayToRedis = new Gate(SiteConfig.address(redis.settings()).port());
      Map<String, String> settings = settings(places);
      ManagerProcess first = site.startManager(settings);
      settings.put("ORCHESTRATOR.REDIS_PORT", Integer.toString(wayToRedis.port()));
      ManagerProcess second = site.manager(settings);
      first.awaitReady();
      try (BuildsClient client = first.client();
          Balance balance = Balance.over(site, first, second)) {
        assertThat(balance).isNotNull();
        List<String> builds = Steps.enqueueSmall(client, site, BUILDS);
        awaitEachHasLaunched(client, site, builds, places.size() + 1);
        chaos(first, wayToRedis, places);
        Map<String, Build> ended = awaitEnds(client, builds);
        awaitNothingLeft(client, places, site);
        report(ended, places);
        assertThat(ended.values())
            .allSatisfy(
                build ->
                    assertThat(build.getPhase()).as("%s", build).isEqualTo(Phase.PHASE_COMPLETE));
        assertThat(agents.heededThoughFenced).hasValue(0);
      } finally {
        wayToRedis.close();
      }
    }
  }

  /** This machine's own processes come last in each chain. */
  private static Map<String, String> settings(List<ChaosPlace> places) {
    Map<String, String> settings = new HashMap<>();
    settings.put("ALLOWED_WORKER_COUNT", "12");
    settings.put(
        SiteConfig.BEFORE, places.stream().map(ChaosPlace::executor).collect(Collectors.joining()));
    settings.put("EXECUTOR.NAME", "here");
    settings.put("EXECUTOR.MAXIMUM_WORKERS", "1");
    settings.put("JOB_REGISTRATION_TIMEOUT", "10");
    settings.put("BUILDMAN.LEASE", "20s");
    settings.put("BUILDMAN.HEARTBEAT", "1s");
    settings.put("BUILDMAN.TERMINATION_HOLD", "20s");
    settings.put("BUILDMAN.MAX_INTERRUPTIONS", "50");
    settings.put("BUILDMAN.RETRY_BACKOFF", "{FIRST: 1s, MAX: 5s}");
    return settings;
  }

  /** On a busy machine the first builds may have ended before the last executor could take one. */
  private static void awaitEachHasLaunched(
      BuildsClient client, Site site, List<String> builds, int executors) {
    Awaitility.await("each executor has launched a worker")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(
            () -> {
              List<Build> seen = builds.stream().map(client::getBuildWithEvents).toList();
              if (seen.stream().allMatch(ChaosIT::hasEnded)) {
                builds.addAll(Steps.enqueueSmall(client, site, BUILDS));
              }
              assertThat(launches(seen)).hasSize(executors);
            });
  }

  private static boolean hasEnded(Build build) {
    return build.getPhase().getNumber() >= Phase.PHASE_COMPLETE_VALUE;
  }

  private static Map<String, Integer> launches(Collection<Build> builds) {
    Map<String, Integer> launches = new TreeMap<>();
    for (Build build : builds) {
      for (Event event : build.getEventsList()) {
        if (event.getReason().equals("LAUNCHED")) {
          launches.merge(event.getExecutor(), 1, Integer::sum);
        }
      }
    }
    return launches;
  }

  /** One manager is killed and comes back, the other one is cut off from Redis and comes back. */
  private void chaos(ManagerProcess first, Gate wayToRedis, List<ChaosPlace> places)
      throws Exception {
    long end = System.nanoTime() + CHAOS.toNanos();
    for (int n = 1; System.nanoTime() < end; n++) {
      Thread.sleep(200 + random.nextInt(800));
      for (ChaosPlace place : places) {
        place.change();
      }
      if (n % 12 == 4) {
        first.kill();
        first.start();
      } else if (n % 12 == 8) {
        wayToRedis.shut();
        wayToRedis.cut();
        Thread.sleep(500 + random.nextInt(3_000));
        wayToRedis.open();
      }
    }
    for (ChaosPlace place : places) {
      place.calm();
    }
    first.awaitReady();
  }

  private static Map<String, Build> awaitEnds(BuildsClient client, List<String> builds) {
    Map<String, Build> ended = new TreeMap<>();
    Awaitility.await("every build ends")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(
            () -> {
              for (String id : builds) {
                if (!ended.containsKey(id)) {
                  Build build = client.getBuildWithEvents(id);
                  if (hasEnded(build)) {
                    ended.put(id, build);
                  }
                }
              }
              assertThat(ended.keySet()).containsAll(builds);
            });
    return ended;
  }

  private static void awaitNothingLeft(BuildsClient client, List<ChaosPlace> places, Site site) {
    Awaitility.await("no worker and no Secret is left")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsMatching(CallFailed.class::isInstance)
        .untilAsserted(
            () -> {
              for (ChaosPlace place : places) {
                place.assertNothingLeft();
              }
              assertThat(WorkerProcesses.of(site).all()).isEmpty();
              assertThat(client.getStatus().getDutiesList())
                  .as("what was never answered is looked for for 10 minutes")
                  .allMatch(ChaosIT::mayStillCome);
            });
  }

  private static boolean mayStillCome(DutyStatus duty) {
    // EC2 may show an instance minutes after its launch (E5).
    return duty.getExecutionId().isEmpty()
        && (duty.getText().contains("never answered")
            || duty.getText().contains("may not show it yet"));
  }

  private void report(Map<String, Build> ended, List<ChaosPlace> places) {
    Map<String, Integer> reasons = new TreeMap<>();
    int attempts = 0;
    int paid = 0;
    for (Build build : ended.values()) {
      int costly = 0;
      for (Event event : build.getEventsList()) {
        reasons.merge(event.getReason(), 1, Integer::sum);
        costly += COSTS_A_TRY.contains(event.getReason()) ? 1 : 0;
      }
      attempts += build.getAttempt();
      int tries = 3 - build.getTriesLeft();
      paid += tries;
      // Of a longer history the beginning is gone.
      if (build.getEventsCount() < HISTORY) {
        assertThat(tries).as("tries paid for capacity: %s", build).isLessThanOrEqualTo(costly);
      }
    }
    String told =
        """
        chaos run: seed %d, %d builds ended, %d attempts, %d tries paid, %d answers heeded, %d of \
        fenced agents
        %s
        launches: %s
        reasons: %s\
        """
            .formatted(
                SEED,
                ended.size(),
                attempts,
                paid,
                agents.heeded.get(),
                agents.heededThoughFenced.get(),
                places.stream().map(ChaosPlace::told).collect(Collectors.joining("\n")),
                launches(ended.values()),
                reasons);
    System.out.println(told);
  }
}
