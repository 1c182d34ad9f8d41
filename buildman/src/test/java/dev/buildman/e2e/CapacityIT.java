package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.Durations;
import dev.buildman.client.BuildsClient;
import dev.buildman.client.SourceUpload;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.runtime.WallClock;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two managers, whose clocks are ten minutes apart, share the work and the limits. What one of them
 * signs the other must take: so agents dial both in turn, and each manager's sources are fetched
 * from the other.
 */
@RedisTest
class CapacityIT {
  private static final int ALLOWED = 4;
  private static final int MOST_ON_FIRST = 1;
  private static final int BUILDS = 12;

  @TempDir private Path folder;

  @Test
  void twoManagersWithClocksTenMinutesApartShareTheWorkAndNeverExceedALimit(TestRedis redis)
      throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix())) {
      site.balancer().rotate();
      Gate crossed = new Gate();
      Map<String, String> settings = new HashMap<>(settings());
      settings.put("BUILDMAN.SOURCES", "{URL: 'http://" + crossed.address() + "'}");
      ManagerProcess ahead = site.startManager(settings, "-D" + WallClock.AHEAD + "=PT10M");
      ManagerProcess behind = site.manager(settings);
      ahead.awaitReady();
      crossed.rotate();
      crossed.addTarget(ahead.ports().sources());
      crossed.addTarget(behind.ports().sources());
      try (BuildsClient one = ahead.client();
          BuildsClient two = behind.client();
          Slots slots = Slots.watch(redis, site, "one", "two")) {
        String source = uploaded(one);

        List<Build> builds = new ArrayList<>();
        for (int i = 0; i < BUILDS; i++) {
          CreateBuildRequest request =
              CreateBuildRequest.newBuilder()
                  .setSpec(spec(site, source, i))
                  // What is left of it must come to the agent right from either clock.
                  .setTimeout(Durations.fromMinutes(4))
                  .build();
          builds.add((i % 2 == 0 ? one : two).createBuild(request).getBuild());
        }
        for (Build build : builds) {
          assertFirstAttemptCompletes(two, build);
        }
        Watching.awaitNothingLeft(two, site);

        assertThat(slots.most(Slots.ALL)).isEqualTo(ALLOWED);
        assertThat(slots.most("one")).isEqualTo(MOST_ON_FIRST);
        assertThat(slots.most("two")).isBetween(1, ALLOWED);
        assertThat(slots.most(Slots.AGENTS)).isBetween(2, ALLOWED);
        assertThat(slots.looks()).as("looked all the time").isGreaterThan(500);
      }
      assertThat(launches(ahead)).as("work is shared").isPositive();
      assertThat(launches(behind)).as("work is shared").isPositive();
      assertThat(launches(ahead) + launches(behind)).isEqualTo(BUILDS);
      assertThat(ahead.log() + behind.log()).doesNotContain(" ERROR ");
      crossed.close();
    }
  }

  private static Map<String, String> settings() {
    return Map.of(
        "ALLOWED_WORKER_COUNT", Integer.toString(ALLOWED),
        "EXECUTOR.NAME", "one",
        "EXECUTOR.MAXIMUM_WORKERS", Integer.toString(MOST_ON_FIRST),
        // Far below the difference of the clocks, as the tokens' lives are made of them.
        "EXECUTOR.SETUP_TIME", "60s",
        "SECOND.NAME", "two",
        "SECOND.SETUP_TIME", "60s",
        "MACHINE_MAX_TIME", "5m");
  }

  private String uploaded(BuildsClient client) throws Exception {
    Path file = Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nLABEL a=b\n");
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    String digest = "sha256:" + HexFormat.of().formatHex(hash);
    new SourceUpload(client).send(file, digest, "text/plain", _ -> {});
    return digest;
  }

  private static BuildSpec spec(Site site, String source, int number) {
    return BuildSpec.newBuilder()
        .setRepository((number % 2 == 0 ? "acme/app-" : "globex/app-") + number)
        .setRegistry(site.registry())
        .addTags("latest")
        .setUploadedSource(source)
        .build();
  }

  private static void assertFirstAttemptCompletes(BuildsClient client, Build build)
      throws InterruptedException {
    Watching watching = new Watching();
    Build ended = watching.follow(client, build.getId());
    assertThat(ended.getPhase())
        .as("%s%n%s", ended, watching.log())
        .isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).as("%s", watching.events()).isEqualTo(1);
  }

  /** Launches that worked, by the manager's own count. */
  private static int launches(ManagerProcess manager) throws Exception {
    Matcher counts =
        Pattern.compile("(?m)^buildman_launch\\S*_count\\{[^}]*outcome=\"started\"[^}]*} (\\d+)")
            .matcher(manager.metrics());
    int all = 0;
    while (counts.find()) {
      all += Integer.parseInt(counts.group(1));
    }
    return all;
  }
}
