package dev.buildman.orchestrator.random;

import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.random.State.Build;
import dev.buildman.orchestrator.random.World.Worker;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What must hold in every state, and over every step. */
final class Rules {
  private static final Set<String> HOLDS = Set.of("head", "parked", "delayed", "job");

  private Rules() {}

  static void check(World world, State state) {
    capacity(world, state);
    for (BuildId id : world.ids) {
      Build build = state.build(id);
      if (build.exists()) {
        onePlace(id, build, state);
        costs(world, id, build);
      }
    }
    repositories(world, state);
    sessions(world, state);
    namespaces(world, state);
  }

  private static void capacity(World world, State state) {
    int slots = state.set("slots").size();
    Broken.unless(slots <= world.shape.workers(), "%d slots of %d", slots, world.shape.workers());
    for (int x = 0; x < world.shape.maxima().size(); x++) {
      int live = state.set("executor/" + World.executor(x) + "/live").size();
      Broken.unless(live <= world.shape.maxima().get(x), "executor x%d is over its maximum", x);
    }
  }

  private static void onePlace(BuildId id, Build build, State state) {
    String place = build.text("place");
    String name = id.value();
    String ns = build.text("ns");
    Set<String> found = new TreeSet<>();
    if (state.set("heads/" + ns).contains(name)) found.add("head");
    if (state.set("behind/" + build.repository()).contains(name)) found.add("behind");
    if (state.set("parked").contains(name)) found.add("parked");
    if (state.set("delayed").contains(name)) found.add("delayed");
    if (build.hasJob()) found.add("job");
    if (Phase.ofWord(build.text("phase")).isTerminal()) found.add("end");
    Broken.unless(found.equals(Set.of(place)), "%s stands at %s but is in %s", id, place, found);
    Broken.unless(
        state.set("jobs").contains(name) == build.hasJob(), "%s: its deadline is wrong", id);
    Broken.unless(
        state.set("running/" + ns).contains(name) == build.hasJob(), "%s: running is wrong", id);
    boolean fence = !build.text("fence").equals("0");
    boolean holds = HOLDS.contains(place) || (place.equals("end") && fence);
    Broken.unless(
        state.set("holding/" + build.repository()).contains(name) == holds,
        "%s: holding is wrong in %s",
        id,
        place);
    Broken.unless(
        state.set("by/phase/" + build.text("phase")).contains(name), "%s: not in its index", id);
    if (build.hasJob()) {
      String slot = name + "/" + build.jobAttempt();
      Broken.unless(
          state.scores("slots").getOrDefault(slot, 0.0).isInfinite(),
          "%s has a job and no slot",
          slot);
    }
  }

  private static void costs(World world, BuildId id, Build build) {
    int ended = build.number("attempt") - (build.real() ? 1 : 0);
    int tries = build.number("tries");
    int paid = world.shape.tries() - tries;
    int interruptions = build.number("interruptions");
    int costs =
        paid + interruptions + world.free.getOrDefault(id, 0) + world.fin.getOrDefault(id, 0);
    Broken.unless(ended == costs, "%s: %d attempts ended, %d were paid for", id, ended, costs);
    Broken.unless(
        tries >= 0 && interruptions <= world.shape.interruptions() + 1,
        "%s: the bounds of tries or interruptions are broken",
        id);
  }

  private static void repositories(World world, State state) {
    state
        .sets()
        .forEach(
            (name, members) ->
                Broken.unless(
                    !name.startsWith("holding/")
                        || world.shape.perRepository() == 0
                        || members.size() <= world.shape.perRepository(),
                    "%s is over its limit: %s",
                    name,
                    members));
    List<Worker> pushing = world.workers.stream().filter(world::pushing).toList();
    for (int i = 0; i < pushing.size(); i++) {
      for (int k = 0; k < i; k++) {
        BuildId one = pushing.get(i).attempt().build();
        BuildId other = pushing.get(k).attempt().build();
        Broken.unless(!one.equals(other), "two pushes of %s", one);
        Broken.unless(
            world.shape.perRepository() != 1
                || !state.build(one).repository().equals(state.build(other).repository()),
            "two pushes in one repository: %s and %s",
            one,
            other);
      }
    }
  }

  private static void sessions(World world, State state) {
    Set<BuildId> valid = new HashSet<>();
    Set<String> duties = state.set("duties/open");
    int covered = 0;
    for (Worker worker : world.workers) {
      Build build = state.build(worker.attempt().build());
      boolean its =
          build.real()
              && build.jobAttempt() == worker.attempt().number()
              && build.job().get("nonce").equals(worker.job.nonce().toString());
      if (worker.session != null
          && build.hasJob()
          && build.jobSession() == worker.session.session()
          && build.job().get("nonce").equals(worker.session.nonce().toString())) {
        Broken.unless(
            its && valid.add(worker.attempt().build()),
            "%s: a valid session of a worker that is not its attempt's",
            worker);
      }
      String slot = worker.attempt().toString();
      boolean alarm = world.alarms.contains(slot);
      if (its || duties.contains(slot)) {
        Broken.unless(
            alarm || state.set("slots").contains(slot),
            "the worker %s lives without a slot",
            worker);
        covered += alarm ? 0 : 1;
      }
    }
    Broken.unless(covered <= state.set("slots").size(), "more live workers than slots");
  }

  private static void namespaces(World world, State state) {
    for (BuildId id : world.ids) {
      Build build = state.build(id);
      if (!build.exists()) {
        continue;
      }
      String ns = build.text("ns");
      boolean can =
          !state.set("heads/" + ns).isEmpty() && !state.set("parked").contains("ns:" + ns);
      Broken.unless(
          state.set("namespaces").contains(ns) == can, "namespace %s is wrong in the round", ns);
    }
  }

  /** What must hold over a step; counts what ended attempts cost. */
  static void step(World world, State before, State after) {
    for (BuildId id : world.ids) {
      Build old = before.build(id);
      Build now = after.build(id);
      if (!old.exists() || old.equals(now)) {
        continue;
      }
      forward(id, old, now);
      boolean ends = old.real() && (!now.hasJob() || now.jobAttempt() != old.jobAttempt());
      if (ends) {
        count(world, id, old, now);
        duty(world, id, old, after);
      }
      order(world, id, old, now, after);
    }
  }

  private static void forward(BuildId id, Build old, Build now) {
    Broken.unless(
        !old.ended() || (now.ended() && now.text("phase").equals(old.text("phase"))),
        "the terminal phase of %s was entered twice",
        id);
    Broken.unless(
        now.number("attempt") >= old.number("attempt")
            && now.number("session") >= old.number("session"),
        "%s: attempt or session went back",
        id);
    if (old.hasJob()
        && now.hasJob()
        && old.number("attempt") == now.number("attempt")
        && old.jobAttempt() == now.jobAttempt()) {
      Broken.unless(
          Phase.ofWord(now.text("phase")).compareTo(Phase.ofWord(old.text("phase"))) >= 0,
          "%s: its phase went back",
          id);
    }
  }

  private static void count(World world, BuildId id, Build old, Build now) {
    int paid =
        old.number("tries")
            - now.number("tries")
            + now.number("interruptions")
            - old.number("interruptions");
    Broken.unless(paid == 0 || paid == 1, "%s: one attempt cost %d", id, paid);
    if (paid == 0) {
      (now.ended() ? world.fin : world.free).merge(id, 1, Integer::sum);
      Broken.unless(
          now.ended() || old.jobSession() == 0,
          "%s: moved on from an attempt that has a session",
          id);
    }
  }

  private static void duty(World world, BuildId id, Build old, State after) {
    String attempt = id + "/" + old.jobAttempt();
    boolean may =
        world.workers.stream().anyMatch(worker -> worker.attempt().toString().equals(attempt))
            || world.late.stream().anyMatch(one -> one.job().attempt().toString().equals(attempt))
            || world.managers.stream()
                .anyMatch(
                    manager ->
                        manager.step == World.Manager.Step.INTENDED
                            && manager.job.attempt().toString().equals(attempt));
    Broken.unless(
        !may || after.set("duties/open").contains(attempt),
        "%s ended without a duty though its worker exists or may come",
        attempt);
  }

  private static void order(World world, BuildId id, Build old, Build now, State after) {
    if (now.number("attempt") <= old.number("attempt") || world.shape.perRepository() != 1) {
      return;
    }
    for (Build other : after.builds().values()) {
      Broken.unless(
          !other.exists()
              || !other.repository().equals(now.repository())
              || other.number("seq") <= now.number("seq")
              || other.number("attempt") == 0,
          "%s starts after a newer build of its repository has started",
          id);
    }
  }
}
