package dev.buildman.orchestrator.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.buildman.redis.Script;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random interleavings of clients, managers, agents, duty workers and faults on the real scripts,
 * with every rule checked after each step. {@code -Dbuildman.seed=N} and {@code -Dbuildman.runs=N}
 * choose other runs.
 */
@RedisTest
class RandomRunIT {
  private static final int STEPS = 300;
  private static final long SEED = Long.getLong("buildman.seed", 1);
  private static final int RUNS = Integer.getInteger("buildman.runs", 100);

  /** More than any break has needed. */
  private static final int RUNS_TO_FIND = 400;

  @Test
  void everyRuleHoldsAfterEveryStep(TestRedis redis) {
    RandomRun run = new RandomRun(redis, UnaryOperator.identity());
    for (long seed = SEED; seed < SEED + RUNS; seed++) {
      Optional<RandomRun.Failure> failure = run.run(seed, STEPS);
      if (failure.isPresent()) {
        fail(run.shrunk(failure.get()).toString());
      }
    }
  }

  /**
   * A change of the scripts.
   *
   * @param seed that has found it before: the search begins there
   * @param met what was to be replaced and stood in a script
   */
  record Break(long seed, List<String> pairs, Set<String> met) implements UnaryOperator<Script> {
    @Override
    public Script apply(Script script) {
      return script.patched(
          text -> {
            String patched = text;
            for (int i = 0; i < pairs.size(); i += 2) {
              if (patched.contains(pairs.get(i))) {
                met.add(pairs.get(i));
              }
              patched = patched.replace(pairs.get(i), pairs.get(i + 1));
            }
            return patched;
          });
    }

    /** What was to be replaced and stands in no script any more. */
    List<String> missed() {
      return IntStream.range(0, pairs.size())
          .filter(i -> i % 2 == 0)
          .mapToObj(pairs::get)
          .filter(text -> !met.contains(text))
          .toList();
    }
  }

  private static Break replacing(long seed, String... pairs) {
    return new Break(seed, List.of(pairs), ConcurrentHashMap.newKeySet());
  }

  /** The rules that the exhaustive model shows to be needed, each broken in the scripts. */
  static Stream<Arguments> breaks() {
    return Stream.of(
            Named.of(
                "a claim reserves the next attempt, and nobody registers before the intent",
                replacing(
                    1,
                    "num(r.attempt) + 1 -- reserved",
                    "math.max(1, num(r.attempt)) -- reserved",
                    " or j.step == 'claimed' then\n  return refused('ENDED'",
                    " then\n  return refused('ENDED'")),
            Named.of(
                "a repeat waits for the push of the attempt before",
                replacing(
                    18,
                    "  setFence(id, fence, fenceUntil)\n  local pause",
                    "  if not FINAL[outcome] then fence, fenceUntil = 0, 0 end\n"
                        + "  setFence(id, fence, fenceUntil)\n  local pause")),
            Named.of(
                "an ended build keeps its repository's place until its push is over",
                replacing(
                    24,
                    "if FINAL[outcome] then\n"
                        + "    terminal(id, r, outcome, e.reason, e.sentence, fence, e.gone)",
                    "if FINAL[outcome] then\n    setFence(id, 0)\n"
                        + "    terminal(id, r, outcome, e.reason, e.sentence, 0, e.gone)")),
            Named.of(
                "a cancel of a build delayed behind a fence inherits the fence",
                replacing(
                    99,
                    "terminal(id, r, 'cancelled', reason, given.sentence, num(r.fence))",
                    "setFence(id, 0)\nterminal(id, r, 'cancelled', reason, given.sentence, 0)")),
            Named.of(
                "a registration has a call id",
                replacing(118, "if call_ == given.call then", "if false then")),
            Named.of(
                "nobody moves on from a session",
                replacing(
                    166,
                    "if j.session ~= '0' then\n    return refused('HAS_SESSION')",
                    "if false then\n    return refused('HAS_SESSION')")),
            Named.of(
                "a claim has a deadline of its own",
                replacing(
                    65, "arm(id, now + tonumber(given.job_registration))", "arm(id, now + 1e12)")),
            Named.of(
                "a manager's commands show the nonce of its claim",
                replacing(
                    14,
                    "return j and j.nonce == given.nonce and j.attempt == given.attempt",
                    "return j and j.attempt == given.attempt",
                    "if j and j.nonce == given.nonce and num(j.attempt) == following",
                    "if j and num(j.attempt) == following")),
            Named.of(
                "a phase of an earlier attempt changes nothing",
                replacing(
                    5,
                    "return j and j.attempt == given.attempt and j.session == given.session and"
                        + " j.session ~= '0'\n    and j.nonce == given.nonce",
                    "return j and j.session ~= '0'")))
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void aBrokenRuleIsFound(Break broken, TestRedis redis) {
    RandomRun run = new RandomRun(redis, broken);
    List<Long> found = new ArrayList<>();
    boolean missed = true;
    for (long seed = broken.seed();
        seed < broken.seed() + RUNS_TO_FIND && (found.isEmpty() || missed);
        seed++) {
      if (run.run(seed, STEPS).isPresent()) {
        found.add(seed);
      }
      // A script is changed when it is first run: some are not before the rule is found broken.
      missed = !broken.missed().isEmpty();
    }
    assertThat(broken.missed()).as("what was to be broken stands there no more").isEmpty();
    assertThat(found).as("seeds that find the broken rule").isNotEmpty();
  }
}
