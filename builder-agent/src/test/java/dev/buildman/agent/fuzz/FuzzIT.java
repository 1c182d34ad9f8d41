package dev.buildman.agent.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
  void theFuzzerFindsNothing(FuzzTarget target, @TempDir Path dir) throws Exception {
    Jazzer.Result result = new Jazzer(target, dir).run(duration());

    assertThat(result.finding())
        .as(
            "%s; copy the input to %s and mend the code%n%s",
            target, target.corpus(), result.output())
        .isNull();
    assertThat(result.status()).as("%s%n%s", target, result.output()).isZero();
    assertThat(result.output()).contains("DONE");
    if (Boolean.getBoolean("buildman.fuzz.keep")) {
      new Jazzer(target, dir).keep();
    }
  }

  private static Duration duration() {
    long usual = Boolean.getBoolean("buildman.long") ? LONG : SHORT;
    return Duration.ofSeconds(Long.getLong("buildman.fuzz.seconds", usual));
  }
}
