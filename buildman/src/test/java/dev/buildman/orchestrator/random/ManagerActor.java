package dev.buildman.orchestrator.random;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.orchestrator.queue.ClaimedBuild;
import dev.buildman.orchestrator.queue.ParkKind;
import dev.buildman.orchestrator.random.World.Copy;
import dev.buildman.orchestrator.random.World.Late;
import dev.buildman.orchestrator.random.World.Manager;
import dev.buildman.orchestrator.random.World.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * One step of a manager's walk from a claim to a recorded launch. Stopped between steps at will.
 */
final class ManagerActor {
  private static final Reason WHY = Reason.EXECUTOR_UNAVAILABLE;
  private final World world;

  ManagerActor(World world) {
    this.world = world;
  }

  /** Whether its next step needs no Redis. */
  static boolean needsNoRedis(Manager manager) {
    return manager.step == Manager.Step.INTENDED || manager.step == Manager.Step.STOP;
  }

  /**
   * @param luck 0 to 99: small numbers bring faults, while any are left
   */
  void step(Manager manager, State state, int luck) {
    switch (manager.step) {
      case IDLE -> {
        manager.nonce = world.all.nonce(manager.id);
        claim(manager, luck);
      }
      case CLAIMING -> claim(manager, luck);
      case CLAIMED -> walk(manager, state, luck);
      case INTENDED -> launch(manager, luck);
      case STARTED -> launched(manager, luck);
      case FAILED -> failed(manager, state, luck);
      case UNKNOWN -> unknown(manager, luck);
      case STOP -> {
        world.workers.removeIf(worker -> worker.job.equals(manager.job));
        manager.step = Manager.Step.ANSWERED;
      }
      case ANSWERED -> answered(manager, luck);
    }
  }

  private boolean fault(int luck, int below) {
    if (luck < below && world.faults > 0) {
      world.faults--;
      return true;
    }
    return false;
  }

  /** Runs a command; its answer may get lost, a copy of it may stay under way. */
  private <T> Optional<Result<T>> send(String what, Supplier<Result<T>> command, int luck) {
    Result<T> result = command.get();
    if (fault(luck, 6)) {
      return Optional.empty();
    }
    if (luck >= 90 && fault(0, 1)) {
      world.copies.add(new Copy(what, false, command::get));
    }
    return Optional.of(result);
  }

  private void claim(Manager manager, int luck) {
    manager.step = Manager.Step.CLAIMING;
    Result<List<ClaimedBuild>> result = world.all.claim.run(manager.nonce, 1);
    if (fault(luck, 6)) {
      return;
    }
    List<ClaimedBuild> claimed = result.held().orElse(List.of());
    manager.idle();
    if (!claimed.isEmpty()) {
      ClaimedBuild build = claimed.getFirst();
      manager.job = build.job();
      manager.step = Manager.Step.CLAIMED;
      manager.executor =
          build.history().next().map(name -> Integer.parseInt(name.value().substring(1))).orElse(0);
    }
  }

  private boolean full(State state, int executor) {
    return state.set("executor/" + World.executor(executor) + "/live").size()
        >= world.shape.maxima().get(executor);
  }

  private int withRoom(State state, int from) {
    int executor = from;
    while (executor < world.shape.maxima().size() && full(state, executor)) {
      executor++;
    }
    return executor;
  }

  private WorkerPlace place(int executor) {
    return new WorkerPlace(
        World.executor(executor),
        Optional.empty(),
        "worker",
        OptionalInt.of(world.shape.maxima().get(executor)),
        Optional.empty());
  }

  private void walk(Manager manager, State state, int luck) {
    if (!manager.asked) {
      manager.executor = withRoom(state, manager.executor);
    }
    boolean none = manager.executor >= world.shape.maxima().size();
    if (none || (!manager.asked && luck > 80 && luck < 90 && fault(0, 1))) {
      park(manager, luck);
      return;
    }
    JobRef job = manager.job;
    WorkerPlace place = place(manager.executor);
    manager.asked = true;
    Optional<? extends Result<?>> answer =
        send("intend", () -> world.all.intend.run(job, place), luck);
    answer.ifPresent(
        result -> {
          manager.asked = false;
          if (result.held().isPresent()) {
            manager.step = Manager.Step.INTENDED;
          } else if (result.refused(Refusal.EXECUTOR_FULL)) {
            manager.executor++;
          } else {
            Broken.unless(result.refused(Refusal.NOT_YOURS), "intend: %s", result);
            manager.idle();
          }
        });
  }

  private void park(Manager manager, int luck) {
    JobRef job = manager.job;
    ParkKind kind = luck % 2 == 0 ? ParkKind.CAPACITY : ParkKind.OUTAGE;
    Supplier<Result<dev.buildman.orchestrator.Done>> command =
        luck % 3 == 0
            ? () -> world.all.parkNamespace.run(job, kind, WHY, "", Duration.ofSeconds(5))
            : () -> world.all.park.run(job, kind, WHY, "");
    send("park", command, luck).ifPresent(_ -> manager.idle());
  }

  private void launch(Manager manager, int luck) {
    Broken.unless(
        world.launchCalls.add(manager.job), "%s is launched twice", manager.job.attempt());
    if (fault(luck, 10)) {
      manager.step = Manager.Step.FAILED;
    } else if (fault(luck, 25)) {
      world.late.add(new Late(manager.job, manager.executor));
      manager.step = Manager.Step.UNKNOWN;
    } else {
      world.workers.add(new Worker(manager.job, manager.executor));
      manager.step = Manager.Step.STARTED;
    }
  }

  private void launched(Manager manager, int luck) {
    JobRef job = manager.job;
    send("launched", () -> world.all.launched.run(job, "id", Duration.ofSeconds(500)), luck)
        .ifPresent(
            result -> {
              if (result.held().isPresent()) {
                manager.idle();
              } else {
                Broken.unless(result.refused(Refusal.NOT_YOURS), "launched: %s", result);
                manager.step = Manager.Step.STOP;
              }
            });
  }

  private void answered(Manager manager, int luck) {
    JobRef job = manager.job;
    send("launch-answered", () -> world.all.launchAnswered.run(job, Optional.of("id")), luck)
        .ifPresent(_ -> manager.idle());
  }

  private void failed(Manager manager, State state, int luck) {
    JobRef job = manager.job;
    int next = manager.asked ? manager.executor : withRoom(state, manager.executor + 1);
    if (next >= world.shape.maxima().size()) {
      send("move-on last", () -> world.all.moveOn.last(job, WHY, ""), luck)
          .ifPresent(result -> ended(manager, result));
      return;
    }
    manager.executor = next;
    manager.asked = true;
    WorkerPlace place = place(next);
    send("move-on next", () -> world.all.moveOn.next(job, place, WHY, ""), luck)
        .ifPresent(
            result -> {
              manager.asked = false;
              if (result.held().isPresent()) {
                manager.job = result.held().get();
                manager.step = Manager.Step.INTENDED;
              } else if (!result.refused(Refusal.EXECUTOR_FULL)) {
                ended(manager, result);
              }
            });
  }

  /** Nothing was launched: where the attempt had ended before, its duty need not wait for that. */
  private void ended(Manager manager, Result<?> result) {
    if (result.refused(Refusal.NOT_YOURS)) {
      manager.step = Manager.Step.ANSWERED;
    } else {
      manager.idle();
    }
  }

  private void unknown(Manager manager, int luck) {
    JobRef job = manager.job;
    int next = manager.executor + 1;
    Optional<ExecutorName> name =
        next < world.shape.maxima().size() ? Optional.of(World.executor(next)) : Optional.empty();
    send("move-on ambiguous", () -> world.all.moveOn.ambiguous(job, name, WHY, ""), luck)
        .ifPresent(
            result -> {
              if (result.refused(Refusal.HAS_SESSION)) {
                manager.step = Manager.Step.STARTED;
              } else {
                manager.idle();
              }
            });
  }
}
