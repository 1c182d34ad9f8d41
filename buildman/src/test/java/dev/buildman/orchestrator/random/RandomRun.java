package dev.buildman.orchestrator.random;

import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.random.Simulation.Choice;
import dev.buildman.redis.Script;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Makes runs out of seeds, finds what breaks, and shrinks it. */
final class RandomRun {
  private static final int STEPS_TO_QUIET = 4000;
  private final TestRedis redis;
  private final UnaryOperator<Script> patch;

  /** What broke, after which choices. */
  record Failure(String what, long seed, List<Choice> choices) {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(what + "\nseed " + seed + ", after:\n");
      choices.forEach(choice -> text.append("  ").append(choice).append('\n'));
      return text.toString();
    }
  }

  RandomRun(TestRedis redis, UnaryOperator<Script> patch) {
    this.redis = redis;
    this.patch = patch;
  }

  private static World.Shape shape(long seed) {
    Random random = new Random(seed);
    if (Swarm.aboutPushes(seed)) {
      return new World.Shape(
          List.of("a/one", "a/one", "a/one"), 4, List.of(3, 1), 1, 3, 2, random.nextBoolean());
    }
    List<List<String>> repositories =
        List.of(
            List.of("a/one"),
            List.of("a/one", "a/one"),
            List.of("a/one", "a/one", "b/one"),
            List.of("a/one", "a/two", "a/one", "b/one"));
    return new World.Shape(
        repositories.get(random.nextInt(repositories.size())),
        1 + random.nextInt(3),
        random.nextBoolean() ? List.of(1, 1) : List.of(2, 1),
        random.nextInt(4) == 0 ? 2 : 1,
        1 + random.nextInt(3),
        random.nextInt(3),
        random.nextInt(3) == 0);
  }

  private World world(long seed) {
    redis.renew();
    TestOrchestrator all = new TestOrchestrator(redis, patch);
    World.Shape shape = shape(seed);
    Limits limits = Limits.defaults();
    all.limits(
        limits
            .with(new Limits.Capacity(shape.workers(), shape.perRepository(), 0, 100))
            .with(
                new Limits.Retries(
                    shape.interruptions(), Duration.ofSeconds(5), Duration.ofSeconds(300))));
    Random random = new Random(seed + 1);
    World world = new World(all, shape, seed, 1 + random.nextInt(2), faults(seed, random));
    world.swarm = Swarm.of(seed);
    return world;
  }

  private static int faults(long seed, Random random) {
    return Swarm.aboutPushes(seed) ? 8 + random.nextInt(9) : 2 + random.nextInt(9);
  }

  /** One run of a seed; what broke first, in the run or on the way to quiet afterwards. */
  Optional<Failure> run(long seed, int steps) {
    return play(seed, Swarm.of(seed).choices(seed, steps));
  }

  private Optional<Failure> play(long seed, List<Choice> choices) {
    World world = world(seed);
    Simulation simulation = new Simulation(world);
    List<Choice> made = new ArrayList<>();
    try {
      for (Choice choice : choices) {
        made.add(choice);
        simulation.apply(choice);
      }
      quiet(world, simulation, seed);
      return Optional.empty();
    } catch (Broken e) {
      return Optional.of(new Failure(String.valueOf(e.getMessage()), seed, made));
    }
  }

  /** No lost build, nothing left over: without further faults everything comes to rest. */
  private static void quiet(World world, Simulation simulation, long seed) {
    world.faults = 0;
    world.swarm = Swarm.calm();
    for (Choice choice : world.swarm.choices(seed + 7, STEPS_TO_QUIET)) {
      simulation.apply(choice);
      if (!world.away && world.isQuiet(simulation.state())) {
        return;
      }
    }
    throw new Broken("no quiet state is reached: a build is lost, or something is left over");
  }

  /** Leaves choices out as long as it still breaks. */
  Failure shrunk(Failure failure) {
    Failure best = failure;
    for (int part = Math.max(1, best.choices().size() / 2); part >= 1; part /= 2) {
      for (int from = 0; from < best.choices().size(); ) {
        List<Choice> fewer = new ArrayList<>(best.choices());
        fewer.subList(from, Math.min(from + part, fewer.size())).clear();
        Optional<Failure> still = play(failure.seed(), fewer);
        if (still.isPresent()) {
          best = still.get();
        } else {
          from += part;
        }
      }
    }
    return best;
  }
}
