package dev.buildman.orchestrator.random;

import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.Registered;
import dev.buildman.orchestrator.job.Registration;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.orchestrator.random.World.Copy;
import dev.buildman.orchestrator.random.World.Worker;
import java.util.Optional;
import java.util.Set;

/** One step of an agent: ours with its lease, or Quay's that heeds nothing once it pushes. */
final class AgentActor {
  private final World world;
  private int calls;

  AgentActor(World world) {
    this.world = world;
  }

  /**
   * @param luck 0 to 99: small numbers bring faults, while any are left
   */
  void step(Worker worker, int luck) {
    if (worker.step == Worker.Step.DONE) {
      world.workers.remove(worker);
      return;
    }
    if (worker.step == Worker.Step.HUNG) {
      return;
    }
    if (worker.cut) {
      cutOff(worker, luck);
      return;
    }
    if (worker.step == Worker.Step.ASKED && (world.shape.quay() || world.fresh(worker))) {
      worker.step = Worker.Step.PUSH;
      return;
    }
    if (world.away) {
      return;
    }
    switch (worker.step) {
      case BOOT -> register(worker, luck);
      case WORK -> work(worker, luck);
      case PUSH -> push(worker, luck);
      default -> beat(worker);
    }
  }

  private void cutOff(Worker worker, int luck) {
    int returns = world.swarm.returns();
    if (luck < returns / 2 && !world.shape.quay()) {
      world.workers.remove(worker);
    } else if (luck < returns) {
      worker.cut = false;
    } else if (worker.step == Worker.Step.ASKED && (world.shape.quay() || world.fresh(worker))) {
      worker.step = Worker.Step.PUSH;
    }
  }

  private boolean lost(int luck) {
    if (luck < 8 && world.faults > 0 && !world.shape.quay()) {
      world.faults--;
      return true;
    }
    return false;
  }

  private void copy(String what, boolean mayApply, int luck, Copy copy) {
    if (luck >= 90 && world.faults > 0) {
      world.faults--;
      world.copies.add(new Copy(what, mayApply, copy.command()));
    }
  }

  private void register(Worker worker, int luck) {
    Registration registration =
        new Registration(
            worker.job,
            World.executor(worker.executor),
            "call-" + ++calls + "-" + worker.attempt().number(),
            new Registration.Agent(world.shape.quay() ? "" : "1.0", Set.of()),
            world.managers.getFirst().id,
            Optional.empty(),
            Set.of());
    long sent = world.real;
    Result<Registered> result = world.all.register.run(registration);
    if (lost(luck)) {
      return;
    }
    copy("register", false, luck, new Copy("", false, () -> world.all.register.run(registration)));
    Optional<Registered> registered = result.held().filter(Registered::current);
    if (registered.isPresent()) {
      worker.session = registered.get().session();
      worker.lastBeat = sent;
      worker.step = Worker.Step.WORK;
    } else {
      world.workers.remove(worker);
    }
  }

  /** A heartbeat; whoever is refused goes. */
  boolean beat(Worker worker) {
    SessionRef session = worker.session;
    long sent = world.real;
    Result<Done> result = world.all.heartbeat.run(session, world.managers.getFirst().id);
    if (result.held().isPresent()) {
      worker.lastBeat = sent;
      worker.missed = false;
      return true;
    }
    Broken.unless(result.refused(Refusal.FENCED), "heartbeat: %s", result);
    world.workers.remove(worker);
    return false;
  }

  private void work(Worker worker, int luck) {
    if (!world.fresh(worker) && !world.shape.quay()) {
      beat(worker);
      return;
    }
    if (luck > 70 && luck < 78 && world.faults > 0 && !world.shape.quay()) {
      world.faults--;
      fail(worker, luck);
      return;
    }
    SetPhase.Step step = new SetPhase.Step(worker.session, 1, world.managers.getFirst().id);
    Result<Phase> result = world.all.setPhase.run(step, Phase.PUSHING, "");
    if (lost(luck)) {
      return;
    }
    copy(
        "set-phase",
        true,
        luck,
        new Copy("", true, () -> world.all.setPhase.run(step, Phase.PUSHING, "")));
    if (result.held().isPresent()) {
      worker.step = Worker.Step.ASKED;
    } else {
      world.workers.remove(worker);
    }
  }

  private void fail(Worker worker, int luck) {
    EndNote note = EndNote.of(luck % 2 == 0 ? Ending.PLATFORM_FAILURE : Ending.USER_FAILURE);
    SetPhase.Step step = new SetPhase.Step(worker.session, 2, world.managers.getFirst().id);
    world.all.finishPhase.run(step, note, BuildResult.UNKNOWN);
    worker.step = Worker.Step.DONE;
    copy(
        "failure",
        false,
        95,
        new Copy("", false, () -> world.all.finishPhase.run(step, note, BuildResult.UNKNOWN)));
  }

  private void push(Worker worker, int luck) {
    if (luck % 50 * 2 < world.swarm.pushes()) {
      complete(worker, luck);
    }
  }

  private void complete(Worker worker, int luck) {
    if (!world.fresh(worker) && !world.shape.quay()) {
      beat(worker);
      return;
    }
    EndNote note = EndNote.of(Ending.COMPLETED);
    SetPhase.Step step = new SetPhase.Step(worker.session, 3, world.managers.getFirst().id);
    Result<Ended> result = world.all.finishPhase.run(step, note, BuildResult.UNKNOWN);
    if (lost(luck)) {
      return;
    }
    Broken.unless(!result.refused(Refusal.NOT_PUSHING), "complete: %s", result);
    worker.step = Worker.Step.DONE;
    copy(
        "complete",
        false,
        luck,
        new Copy("", false, () -> world.all.finishPhase.run(step, note, BuildResult.UNKNOWN)));
  }
}
