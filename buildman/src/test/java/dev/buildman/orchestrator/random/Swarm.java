package dev.buildman.orchestrator.random;

import dev.buildman.orchestrator.random.Simulation.Choice;
import dev.buildman.orchestrator.random.Simulation.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * What a run is likely to do: each seed stresses other things, as runs that do a little of
 * everything rarely meet what needs much of one.
 *
 * @param weights how often each kind of choice is made
 * @param lengths seconds that pass at once
 * @param returns chance in percent that a cut-off agent ends itself or comes back at its step
 * @param pushes chance in percent that a push ends at its step
 * @param faults kinds of faults of this run, 0 to 7
 */
record Swarm(
    Map<Kind, Integer> weights, List<Long> lengths, int returns, int pushes, List<Integer> faults) {
  private static final List<Integer> OFTEN = List.of(4, 8);
  private static final List<Integer> PERHAPS = List.of(0, 0, 2, 8);
  private static final Set<Kind> PROGRESS =
      Set.of(Kind.ENQUEUE, Kind.MANAGER, Kind.AGENT, Kind.TIME, Kind.SWEEP, Kind.REDIS_BACK);

  /** Whether a run is about pushes that outlive their attempts: every third one. */
  static boolean aboutPushes(long seed) {
    return seed % 3 == 0;
  }

  static Swarm of(long seed) {
    Random random = new Random(seed * 31);
    if (aboutPushes(seed)) {
      return lastingPushes(random);
    }
    Map<Kind, Integer> weights = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      List<Integer> factors = PROGRESS.contains(kind) ? OFTEN : PERHAPS;
      weights.put(kind, kind.weight * factors.get(random.nextInt(factors.size())));
    }
    List<Integer> faults = new ArrayList<>();
    for (int kind = 0; kind < 8; kind++) {
      if (random.nextBoolean()) {
        faults.add(kind);
      }
    }
    return new Swarm(
        weights,
        random.nextBoolean()
            ? List.of(1L, 3L, 5L, 7L)
            : List.of(1L, 5L, 7L, 20L, 31L, 65L, 130L, 320L),
        random.nextBoolean() ? 60 : 2,
        random.nextBoolean() ? 100 : 6,
        faults);
  }

  private static Swarm lastingPushes(Random random) {
    Map<Kind, Integer> weights = new EnumMap<>(calm().weights());
    weights.put(Kind.DUTY, random.nextInt(2));
    weights.put(Kind.REAP, 0);
    weights.put(Kind.FAULT, 12);
    weights.put(Kind.EXIT, 12);
    return new Swarm(weights, List.of(1L, 2L, 4L, 6L), 2, 2, List.of(2, 3, 7, 7));
  }

  /** Everything at its usual rate, so that a run comes to rest. */
  static Swarm calm() {
    Map<Kind, Integer> weights = new EnumMap<>(Kind.class);
    for (Kind kind : Kind.values()) {
      weights.put(kind, kind.weight);
    }
    return new Swarm(weights, List.of(1L, 5L, 7L, 20L, 31L, 65L, 130L, 320L), 60, 100, List.of());
  }

  List<Choice> choices(long seed, int steps) {
    Random random = new Random(seed);
    int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
    List<Choice> choices = new ArrayList<>();
    while (choices.size() < steps) {
      int at = random.nextInt(sum);
      for (Kind kind : Kind.values()) {
        at -= weights.get(kind);
        if (at < 0) {
          choices.add(new Choice(kind, random.nextInt(1000), random.nextInt(100)));
          break;
        }
      }
    }
    return choices;
  }
}
