package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.ExecutorName;
import dev.buildman.schedule.Skip.Cause;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParkingTest {

  @ParameterizedTest(name = "{0}, whole chain {1}: namespace {2}, {3}, {4}")
  @CsvSource({
    "FULL,                true,  true,  CAPACITY, EXECUTOR_FULL",
    "FULL FULL,           true,  true,  CAPACITY, EXECUTOR_FULL",
    "FULL,                false, false, CAPACITY, EXECUTOR_FULL",
    "RATE,                true,  true,  CAPACITY, LAUNCH_RATE",
    "NAMESPACE,           true,  true,  OUTAGE,   NAMESPACE_NOT_ALLOWED",
    "NAMESPACE FULL,      true,  true,  CAPACITY, EXECUTOR_FULL",
    "CIRCUIT,             true,  true,  OUTAGE,   CIRCUIT_OPEN",
    "CIRCUIT FULL,        true,  true,  CAPACITY, EXECUTOR_FULL",
    "CIRCUIT NAMESPACE,   true,  true,  OUTAGE,   CIRCUIT_OPEN",
    "TRIES,               true,  false, OUTAGE,   TRIES_TOO_FEW",
    "TRIES FULL,          true,  false, CAPACITY, EXECUTOR_FULL",
    "TRIES CIRCUIT,       true,  false, OUTAGE,   CIRCUIT_OPEN",
    "TRIES NAMESPACE,     true,  false, OUTAGE,   TRIES_TOO_FEW",
  })
  void everyMixtureOfCausesHasItsWait(
      String causes, boolean whole, boolean namespace, String kind, String reason) {
    List<Skip> skips =
        Arrays.stream(causes.split(" +"))
            .map(cause -> new Skip(new ExecutorName("x"), Cause.valueOf(cause), "because"))
            .toList();

    Parking parking = Parking.decide(skips, whole);

    assertThat(parking.namespace()).isEqualTo(namespace);
    assertThat(parking.kind()).hasToString(kind);
    assertThat(parking.reason()).hasToString(reason);
  }

  @Test
  void theSentenceNamesEachExecutorAndItsCause() {
    Parking parking =
        Parking.decide(
            List.of(
                new Skip(new ExecutorName("a"), Cause.FULL, "is full"),
                new Skip(new ExecutorName("b"), Cause.CIRCUIT, "is open")),
            true);

    assertThat(parking.sentence()).isEqualTo("a: is full; b: is open");
  }

  @Test
  void nothingSkippedIsNoReasonToWait() {
    assertThatThrownBy(() -> Parking.decide(List.of(), true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
