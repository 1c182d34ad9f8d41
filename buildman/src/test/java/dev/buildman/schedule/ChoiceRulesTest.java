package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Choice;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Namespace;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChoiceRulesTest {
  private static final ExecutorName EXECUTOR = new ExecutorName("x");

  // By `printf NAME | sha256sum` the digests end in 90 (alice: 144 of 256) and e9 (bob: 233).
  @ParameterizedTest(name = "{0} at {1}: {2}")
  @CsvSource({
    "alice, 0, false",
    "alice, 0.5625, false",
    "alice, 0.5664, true",
    "alice, 1, true",
    "bob, 0, false",
    "bob, 0.9101, false",
    "bob, 0.9141, true",
    "bob, 1, true"
  })
  void theRolloutGoesByTheLastTwoDigitsOfTheDigest(String name, double share, boolean in) {
    assertThat(ChoiceRules.inRollout(new Namespace(name), share)).isEqualTo(in);
  }

  @Test
  void aShareOfTheRolloutIsAboutThatShareOfTheNamespaces() {
    long taken =
        IntStream.range(0, 10_000)
            .filter(n -> ChoiceRules.inRollout(new Namespace("namespace" + n), 0.25))
            .count();
    assertThat(taken).isBetween(2300L, 2700L);
  }

  @ParameterizedTest(name = "whitelist {0}, rollout {1}, threshold {2}, tries after this {3}: {4}")
  @CsvSource({
    "'',    1, 0, 0, ''",
    "alice, 1, 0, 0, ''",
    "bob,   1, 0, 0, NAMESPACE",
    "'',    0, 0, 0, NAMESPACE",
    "alice, 0, 0, 0, ''",
    "bob,   0, 0, 0, NAMESPACE",
    "'',    1, 1, 0, TRIES",
    "'',    1, 1, 1, ''",
    "'',    1, 2, 1, TRIES",
    "'',    1, 2, 2, ''",
    "bob,   1, 2, 0, NAMESPACE"
  })
  void everyRuleHasItsCause(
      String whitelist, double rollout, int threshold, int triesAfterThis, String cause) {
    Choice choice =
        new Choice(
            threshold,
            whitelist.isEmpty() ? Set.of() : Set.of(whitelist),
            rollout,
            OptionalInt.empty());

    String met =
        ChoiceRules.skip(EXECUTOR, choice, new Namespace("alice"), triesAfterThis)
            .map(skip -> skip.cause().name())
            .orElse("");
    assertThat(met).isEqualTo(cause);
  }
}
