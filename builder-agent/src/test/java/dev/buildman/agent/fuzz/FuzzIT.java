package dev.buildman.agent.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The kept inputs first, then Jazzer for a few seconds with them as its seeds. Longer with {@code
 * -Dbuildman.fuzz.seconds=600} (or {@code -Dbuildman.long=true}); {@code -Dbuildman.fuzz.keep=true}
 * keeps what led to new places.
 */
@Execution(ExecutionMode.CONCURRENT)
class FuzzIT {
  private static final long SHORT = 4; // seconds
  private static final long LONG = 120;

  /** A fuzzer keeps one processor busy, and half of its time here is its start. */
  private static final ExecutorService SIDE_BY_SIDE =
      Executors.newFixedThreadPool(
          Math.min(Runtime.getRuntime().availableProcessors(), 4),
          Thread.ofPlatform().daemon().factory());

  private static final Map<FuzzTarget, Future<Jazzer.Result>> RUNS =
      new EnumMap<>(FuzzTarget.class);

  @TempDir private static Path folder;

  @BeforeAll
  static void startAll() {
    for (FuzzTarget target : FuzzTarget.values()) {
      RUNS.put(target, SIDE_BY_SIDE.submit(() -> jazzer(target).run(duration())));
    }
  }

  @AfterAll
  static void endAll() {
    SIDE_BY_SIDE.shutdownNow();
  }

  private static Jazzer jazzer(FuzzTarget target) throws IOException {
    return new Jazzer(target, Files.createDirectories(folder.resolve(target.name())));
  }

  @ParameterizedTest
  @EnumSource
  void theKeptInputsHarmNothing(FuzzTarget target) throws IOException {
    assertThat(target.inputs()).isNotEmpty();
    for (Path input : target.inputs()) {
      byte[] bytes = Files.readAllBytes(input);
      try {
        target.run(bytes);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("the input " + input + " does harm", e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theFuzzerFindsNothing(FuzzTarget target) throws Exception {
    Jazzer.Result result = RUNS.get(target).get();

    assertThat(result.finding())
        .as(
            "%s; copy the input to %s and mend the code%n%s",
            target, target.corpus(), result.output())
        .isNull();
    assertThat(result.status()).as("%s%n%s", target, result.output()).isZero();
    assertThat(result.output()).contains("DONE");
    if (Boolean.getBoolean("buildman.fuzz.keep")) {
      jazzer(target).keep();
    }
  }

  private static Duration duration() {
    long usual = Boolean.getBoolean("buildman.long") ? LONG : SHORT;
    return Duration.ofSeconds(Long.getLong("buildman.fuzz.seconds", usual));
  }
}
