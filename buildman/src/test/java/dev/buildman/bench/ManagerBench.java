package dev.buildman.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Figures of a manager, which is a process of its own as its Redis is, with the load generator in
 * this one. Asserts none, as a busy machine is no fault. Named so that no build runs it: {@code mvn
 * verify -Dquick -DskipUnit -Dit.test='*Bench' -Dfailsafe.failIfNoSpecifiedTests=false}.
 *
 * <p>Properties: {@code buildman.bench.write}, the file for the table instead of {@code
 * target/benchmarks.md}; {@code buildman.bench.java}, options of the manager's JVM instead of
 * {@code -Xmx512m}, such as those of a recording.
 */
@TestMethodOrder(MethodOrderer.MethodName.class)
class ManagerBench {
  private static final int AGENTS = 100;
  private static final int BUILDS = 3_000;
  private static final int BUILDS_TO_WARM_UP = 6_000;
  private static final Duration AT_REST = Duration.ofSeconds(5);

  private static final Figures FIGURES = new Figures();
  private static String machine = "";

  @TempDir private Path folder;

  @AfterAll
  static void write() throws IOException {
    FIGURES.write(
        Path.of(System.getProperty("buildman.bench.write", "target/benchmarks.md")), machine);
  }

  @Test
  void agents() throws Exception {
    try (Workers workers = new Workers();
        BenchManager manager = new BenchManager(folder, workers)) {
      machine = Machine.describe(manager.redisFact("server", "redis_version"));
      Thread.sleep(AT_REST);
      long memory = Math.round(Cpu.resident(manager.pid()));
      FIGURES.row("memory of an idle manager", memory + " MiB resident", "");
      Fleet beating = Fleet.register(manager, workers, AGENTS);
      new Measurement("heartbeats stored, %d agents".formatted(AGENTS), "40,000", 400_000)
          .of(manager, beating::beat, FIGURES);
      Fleet logging = Fleet.register(manager, workers, AGENTS);
      new Measurement("log lines stored, %d agents".formatted(AGENTS), "200,000", 3_000_000)
          .of(manager, logging::log, FIGURES);
      Fleet fresh = Fleet.register(manager, workers, AGENTS);
      new Measurement("registrations", "3,000", 30_000).of(manager, fresh::registerAgain, FIGURES);
    }
  }

  @Test
  void builds() throws Exception {
    try (Workers workers = new Workers();
        BenchManager manager = new BenchManager(folder, workers)) {
      WholeWay way = new WholeWay(manager, workers);
      way.run(BUILDS_TO_WARM_UP);
      Cpu before = manager.cpu();
      long began = System.nanoTime();
      way.run(BUILDS);
      double seconds = (System.nanoTime() - began) / 1e9;
      Cpu each = manager.cpu().since(before).each(BUILDS);
      FIGURES.rate("whole builds with a no-op worker", BUILDS / seconds, "300", each);
    }
  }
}
