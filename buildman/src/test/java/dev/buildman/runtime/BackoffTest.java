package dev.buildman.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BackoffTest {

  private static Backoff steady(Duration first, Duration max) {
    return new Backoff(first, max, 0, new Random(1));
  }

  @Test
  void doublesFromTheFirstUntilTheMaximum() {
    Backoff backoff = steady(Duration.ofSeconds(5), Duration.ofSeconds(300));

    assertThat(backoff.delay(0)).isEqualTo(Duration.ofSeconds(5));
    assertThat(backoff.delay(1)).isEqualTo(Duration.ofSeconds(10));
    assertThat(backoff.delay(5)).isEqualTo(Duration.ofSeconds(160));
    assertThat(backoff.delay(6)).isEqualTo(Duration.ofSeconds(300));
  }

  @Test
  void staysAtTheMaximumHoweverManyRepeats() {
    Backoff backoff = steady(Duration.ofDays(1), Duration.ofDays(365));

    assertThat(backoff.delay(62)).isEqualTo(Duration.ofDays(365));
    assertThat(backoff.delay(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void spreadsEvenlyAroundTheDelayWithinTheJitter() {
    Backoff backoff =
        new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(10), 0.2, new Random(7));
    var millis = new Random(0).ints(2000).mapToObj(i -> backoff.delay(3).toMillis()).toList();

    assertThat(millis).allMatch(m -> m >= 8_000 && m <= 12_000);
    assertThat(millis).anyMatch(m -> m < 8_200).anyMatch(m -> m > 11_800);
  }

  @Test
  void refusesWhatCannotBeAWait() {
    assertThatThrownBy(() -> steady(Duration.ZERO, Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> steady(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1), Double.NaN, new Random()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> steady(Duration.ofSeconds(1), Duration.ofSeconds(1)).delay(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
