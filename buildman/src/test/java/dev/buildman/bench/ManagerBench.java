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
  private static final int AGENTS_AT_REST = 5_000;
  private static final Duration SETTLING = Duration.ofSeconds(5);
  private static final Duration REST = Duration.ofSeconds(30);

  /** As the manager asks of them. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

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
      Measurement.pass(SETTLING);
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
  void agentsAtRest() throws Exception {
    try (Workers workers = new Workers();
        BenchManager manager = new BenchManager(folder, workers)) {
      Fleet fleet = Fleet.register(manager, workers, AGENTS_AT_REST);
      Fleet.Load load = fleet.rest(HEARTBEAT);
      Measurement.pass(SETTLING);
      long done = load.done();
      Cpu before = manager.cpu();
      Measurement.pass(REST);
      double core = manager.cpu().since(before).manager() / REST.toSeconds();
      done = load.done() - done;
      load.stop();
      FIGURES.row(
          "%,d agents at rest, %,d heartbeats in %d s"
              .formatted(AGENTS_AT_REST, done, REST.toSeconds()),
          "%.0f %% of a core, %.0f MiB resident".formatted(100 * core, Cpu.resident(manager.pid())),
          "60 %, 512 MB");
    }
  }

  @Test
  void launches() throws Exception {
    try (Workers workers = new Workers();
        BenchManager manager = new BenchManager(folder, workers)) {
      Waits waits = new Waits();
      workers.playedBy(_ -> waits.heard());
      waits.measure(manager, "launched", "20 ms", FIGURES);
    }
  }

  @Test
  void kubernetesLaunches() throws Exception {
    try (Pods pods = new Pods(folder.resolve("pods"));
        BenchManager manager = new BenchManager(folder, pods)) {
      Waits waits = new Waits();
      pods.onJob(waits::heard);
      waits.measure(manager, "Job created", "5 ms", FIGURES);
    }
  }

  @Test
  void builds() throws Exception {
    try (Workers workers = new Workers()) {
      wholeWay(workers, "whole builds with a no-op worker");
    }
  }

  @Test
  void kubernetesBuilds() throws Exception {
    try (Pods pods = new Pods(folder.resolve("pods"))) {
      wholeWay(pods, "whole builds in pods with no-op agents");
    }
  }

  private void wholeWay(Launches launches, String figure) throws Exception {
    try (BenchManager manager = new BenchManager(folder, launches)) {
      WholeWay way = new WholeWay(manager, launches);
      way.run(BUILDS_TO_WARM_UP);
      Cpu before = manager.cpu();
      long began = System.nanoTime();
      way.run(BUILDS);
      double seconds = (System.nanoTime() - began) / 1e9;
      Cpu each = manager.cpu().since(before).each(BUILDS);
      FIGURES.rate(figure, BUILDS / seconds, "300", each);
    }
  }
}
