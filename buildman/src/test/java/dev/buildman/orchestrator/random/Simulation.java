package dev.buildman.orchestrator.random;

import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.events.DueWork;
import dev.buildman.orchestrator.job.Expired;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.orchestrator.random.State.Build;
import dev.buildman.orchestrator.random.World.Copy;
import dev.buildman.orchestrator.random.World.Late;
import dev.buildman.orchestrator.random.World.Manager;
import dev.buildman.orchestrator.random.World.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One run: applies choices to the world, and checks every rule after each. */
final class Simulation {
  private static final Duration BETWEEN_TICKS = Duration.ofSeconds(8);

  /** A choice: what, of which one, with what luck. The same choices give the same run. */
  record Choice(Kind kind, int pick, int luck) {}

  /** What may happen next, and how often. */
  enum Kind {
    ENQUEUE(4),
    MANAGER(40),
    AGENT(40),
    TIME(14),
    SWEEP(20),
    EXPIRE(3),
    DUTY(12),
    EXIT(8),
    REAP(4),
    LATE(6),
    COPY(6),
    REDIS_BACK(6),
    FAULT(8);

    final int weight;

    Kind(int weight) {
      this.weight = weight;
    }
  }

  private final World world;
  private final ManagerActor managers;
  private final AgentActor agents;
  private State state;

  Simulation(World world) {
    this.world = world;
    this.managers = new ManagerActor(world);
    this.agents = new AgentActor(world);
    this.state = State.read(world.all.scripts, world.ids);
  }

  State state() {
    return state;
  }

  /** Makes the choice and checks the rules; a choice that is impossible now changes nothing. */
  void apply(Choice choice) {
    State before = state;
    act(choice);
    if (!world.away) {
      state = State.read(world.all.scripts, world.ids);
      Rules.step(world, before, state);
      Rules.check(world, state);
    }
  }

  private static <T> Optional<T> one(List<T> all, int pick) {
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(pick % all.size()));
  }

  private void act(Choice choice) {
    int pick = choice.pick();
    int luck = choice.luck();
    switch (choice.kind()) {
      case MANAGER -> {
        Manager manager = one(world.managers, pick).orElseThrow();
        if (!world.away || ManagerActor.needsNoRedis(manager)) {
          managers.step(manager, state, luck);
        }
      }
      case AGENT -> one(world.workers, pick).ifPresent(worker -> agents.step(worker, luck));
      case TIME -> time(pick, luck);
      case LATE -> one(world.late, pick).ifPresent(late -> arrive(late, luck));
      case REDIS_BACK -> world.away = false;
      case FAULT -> fault(pick, luck);
      default -> {
        if (!world.away) {
          withRedis(choice);
        }
      }
    }
  }

  private void withRedis(Choice choice) {
    switch (choice.kind()) {
      case ENQUEUE -> enqueue();
      case SWEEP -> sweep(choice.pick());
      case EXPIRE -> expire(one(world.ids, choice.pick()).orElseThrow());
      case DUTY -> duty(choice.pick());
      case EXIT -> exit(choice.pick());
      case REAP -> reap(choice.pick());
      case COPY -> one(world.copies, choice.pick()).ifPresent(this::runCopy);
      default -> throw new IllegalStateException(choice.toString());
    }
  }

  private void enqueue() {
    if (world.enqueued == world.ids.size()) {
      return;
    }
    NewBuild.Options options =
        new NewBuild.Options("", 0, world.shape.tries(), Optional.empty(), Set.of(), "");
    world.all.enqueue.run(
        new NewBuild(
            world.ids.get(world.enqueued),
            RepositoryName.parse(world.shape.repositories().get(world.enqueued)),
            SealedSpec.of(new byte[0]),
            "hash",
            options));
    world.enqueued++;
  }

  /** Time passes; managers tick and agents that can be reached beat, unless Redis is away. */
  private void time(int pick, int luck) {
    List<Long> lengths = world.swarm.lengths();
    Duration left = Duration.ofSeconds(lengths.get(pick % lengths.size()) + luck % 3);
    while (left.isPositive()) {
      Duration part = left.compareTo(BETWEEN_TICKS) < 0 ? left : BETWEEN_TICKS;
      left = left.minus(part);
      world.real += part.toMillis();
      world.all.jump(part);
      if (!world.away) {
        world.all.tick.run(world.managers.getFirst().id);
        for (Worker worker : List.copyOf(world.workers)) {
          if (world.beats(worker)) {
            agents.beat(worker);
          }
        }
      }
    }
  }

  private void sweep(int pick) {
    DueWork due = world.all.due.run(HOST, 100);
    List<Runnable> work = new ArrayList<>();
    due.jobs().forEach(id -> work.add(() -> expire(id)));
    due.fences().forEach(fence -> work.add(() -> world.all.letGo.run(fence)));
    due.delayed().forEach(id -> work.add(() -> world.all.wakeDelayed.run(id)));
    due.parked().forEach(member -> work.add(() -> world.all.wakeParked.run(member)));
    due.slots().forEach(slot -> work.add(() -> release(slot)));
    one(work, pick).ifPresent(Runnable::run);
  }

  private void release(AttemptId slot) {
    if (world.all.releaseSlot.run(slot) instanceof Result.Applied<?>) {
      world.alarms.add(slot.toString());
    }
  }

  private void expire(BuildId id) {
    Build build = state.build(id);
    Result<Expired> result = world.all.expire.run(id);
    if (!(result instanceof Result.Applied<Expired>(Expired.AttemptEnded ended))) {
      return;
    }
    if (!ended.ended().reason().name().equals("HEARTBEAT_LOST")) {
      return;
    }
    for (Worker worker : world.workers) {
      Broken.unless(
          !world.beats(worker)
              || worker.missed
              || !worker.attempt().build().equals(id)
              || worker.session.session() != build.jobSession(),
          "expire ended the lease of an agent that lives and can be reached: %s",
          worker);
    }
  }

  private Optional<JobRef> openDuty(int pick) {
    return one(List.copyOf(state.set("duties/open")), pick)
        .flatMap(name -> world.all.duties.get(AttemptId.parse(name)))
        .map(duty -> duty.attempt());
  }

  /** First the worker is stopped and seen gone, then, at another time, that is recorded. */
  private void duty(int pick) {
    openDuty(pick)
        .ifPresent(
            duty -> {
              if (world.seenGone.add(duty)) {
                world.workers.removeIf(worker -> worker.job.equals(duty));
              } else {
                world.all.dutyConfirmed.run(duty);
              }
            });
  }

  private Optional<JobRef> runningJob(int pick) {
    List<JobRef> jobs = new ArrayList<>();
    for (BuildId id : world.ids) {
      Build build = state.build(id);
      if (build.real()) {
        jobs.add(
            new JobRef(
                new AttemptId(id, build.jobAttempt()), Nonce.parse(build.job().get("nonce"))));
      }
    }
    return one(jobs, pick);
  }

  /** An executor sees that a worker has ended; or hears, of one that lives on, that it will end. */
  private void exit(int pick) {
    Optional<JobRef> running = runningJob(pick);
    if (running.isEmpty()) {
      return;
    }
    JobRef job = running.get();
    Build build = state.build(job.build());
    boolean there = world.workers.stream().anyMatch(worker -> worker.job.equals(job));
    boolean known = build.job().get("step").equals("launched") || build.jobSession() > 0;
    boolean carried = !build.job().getOrDefault("carried_at", "").isEmpty();
    boolean notice = there && (carried || (pick % 3 == 0 && world.faults-- > 0));
    if (notice || (known && !there)) {
      EndNote note = EndNote.of(notice ? Ending.PROVIDER_INTERRUPTION : Ending.WORKER_GONE);
      Copy command =
          new Copy(
              "exit",
              false,
              () ->
                  world.all.finishExit.run(
                      job,
                      new dev.buildman.model.ExecutorName(build.job().get("executor")),
                      note,
                      Optional.empty(),
                      !notice));
      world.applied(command);
      if (pick % 7 == 0 && world.faults > 0) {
        world.faults--;
        world.copies.add(command);
      }
    }
  }

  private void reap(int pick) {
    one(world.workers, pick)
        .ifPresent(
            worker -> {
              Build build = state.build(worker.attempt().build());
              boolean its =
                  build.real()
                      && build.jobAttempt() == worker.attempt().number()
                      && build.job().get("nonce").equals(worker.job.nonce().toString());
              if (!its && !state.set("duties/open").contains(worker.attempt().toString())) {
                world.workers.remove(worker);
              }
            });
  }

  private void arrive(Late late, int luck) {
    world.late.remove(late);
    if (luck % 2 == 0) {
      world.workers.add(new Worker(late.job(), late.executor()));
    }
  }

  private void runCopy(Copy copy) {
    world.copies.remove(copy);
    Result<?> result = copy.command().get();
    Broken.unless(
        copy.mayApply() || !(result instanceof Result.Applied<?>),
        "a copy of %s applied a second time",
        copy.what());
  }

  private void fault(int pick, int luck) {
    List<Integer> kinds = world.swarm.faults();
    if (world.faults <= 0 || kinds.isEmpty()) {
      return;
    }
    world.faults--;
    Optional<Worker> worker = one(mostlyPushing(pick), pick);
    switch (kinds.get(luck % kinds.size())) {
      case 0, 1 -> world.reborn(one(world.managers, pick).orElseThrow());
      case 2, 3 -> worker.ifPresent(one -> one.cut = one.missed = true);
      case 4 -> worker.ifPresent(world.workers::remove);
      case 5 ->
          worker
              .filter(one -> one.step == Worker.Step.BOOT)
              .ifPresent(one -> one.step = Worker.Step.HUNG);
      case 6 -> {
        if (pick % 2 == 0) {
          world.away = true;
        } else if (!world.away) {
          world.all.jump(Duration.ofMinutes(pick % 4 == 1 ? 5 : -5));
        }
      }
      default -> {
        if (!world.away) {
          List<BuildId> all = world.ids.subList(0, world.enqueued);
          Optional<BuildId> id =
              pick % 2 == 0 ? worker.map(one -> one.attempt().build()) : one(all, pick);
          id.ifPresent(build -> world.all.cancel.run(build, "", ""));
        }
      }
    }
  }

  /** What happens to a pushing worker is the most telling: half of the time one of those. */
  private List<Worker> mostlyPushing(int pick) {
    List<Worker> pushing =
        world.workers.stream().filter(worker -> worker.step == Worker.Step.PUSH).toList();
    return pick % 2 == 0 && !pushing.isEmpty() ? pushing : world.workers;
  }
}
