package dev.buildman.e2e;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole builds with real agents, from CreateBuild to an image in the registry, and the memory of a
 * manager before and after. Prints figures and asserts none, as a busy machine is no fault. Named
 * so that no build runs it; needs the distributions.
 */
@RedisTest
class WholeWayBench {
  private static final int BUILDS = 40;

  @TempDir private Path folder;

  @Test
  void print(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager = site.manager(Map.of("ALLOWED_WORKER_COUNT", "4"));
        BuildsClient client = manager.client()) {
      print("resident memory of an idle manager: %d MiB", resident(manager) / 1024);
      runAll(client, site, 4);
      long began = System.nanoTime();
      runAll(client, site, BUILDS);
      double seconds = Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0;
      print("whole builds with real agents, 4 workers: %.1f a second", BUILDS / seconds);
      print("resident memory after %d builds: %d MiB", BUILDS, resident(manager) / 1024);
    }
  }

  private static void runAll(BuildsClient client, Site site, int count)
      throws InterruptedException {
    List<Build> builds = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BuildSpec spec =
          BuildSpec.newBuilder()
              .setRepository("bench/app-" + i)
              .setRegistry(site.registry())
              .setInlineDockerfile("FROM scratch\nLABEL number=" + i + "\n")
              .build();
      builds.add(Steps.enqueue(client, spec));
    }
    for (Build build : builds) {
      Watching.toTheEnd(client, build);
    }
  }

  /** In KiB. */
  private static long resident(ManagerProcess manager) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(manager.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  private static void print(String text, Object... values) {
    System.out.println("BENCH " + String.format(Locale.ROOT, text, values));
  }
}
