package dev.buildman.orchestrator.random;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.Result;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** All that is not in Redis: managers, workers, launches under way, copies of commands, time. */
final class World {
  static final Duration LEASE = Duration.ofSeconds(60);

  /** What one run is made of. */
  record Shape(
      List<String> repositories,
      int workers,
      List<Integer> maxima,
      int perRepository,
      int tries,
      int interruptions,
      boolean quay) {}

  /** A manager process: what it is about to do next. */
  static final class Manager {
    enum Step {
      IDLE,
      CLAIMING,
      CLAIMED,
      INTENDED,
      STARTED,
      FAILED,
      UNKNOWN,
      STOP,
      ANSWERED
    }

    ManagerId id;
    Step step = Step.IDLE;
    Nonce nonce;
    JobRef job;
    int executor;
    boolean asked;

    void idle() {
      step = Step.IDLE;
      job = null;
      asked = false;
    }
  }

  /** A worker with its agent. */
  static final class Worker {
    enum Step {
      BOOT,
      WORK,
      ASKED,
      PUSH,
      DONE,
      HUNG
    }

    final JobRef job;
    final int executor;
    Step step = Step.BOOT;
    SessionRef session;
    boolean cut;

    /** Was cut off since its last good beat: its lease may have passed by its own fault. */
    boolean missed;

    long lastBeat;

    Worker(JobRef job, int executor) {
      this.job = job;
      this.executor = executor;
    }

    AttemptId attempt() {
      return job.attempt();
    }

    @Override
    public String toString() {
      return attempt() + " " + step + (cut ? " cut off" : "");
    }
  }

  /** A launch that may still come. */
  record Late(JobRef job, int executor) {}

  /** A command that the network still has a copy of. */
  record Copy(String what, boolean mayApply, Supplier<Result<?>> command) {}

  final TestOrchestrator all;
  final Shape shape;
  final List<BuildId> ids = new ArrayList<>();
  final List<Manager> managers = new ArrayList<>();
  final List<Worker> workers = new ArrayList<>();
  final List<Late> late = new ArrayList<>();
  final List<Copy> copies = new ArrayList<>();
  final Set<JobRef> launchCalls = new HashSet<>();
  final Set<JobRef> seenGone = new HashSet<>();

  /** Slots that were freed although the worker was not seen gone. */
  final Set<String> alarms = new HashSet<>();

  /** Attempts that ended without cost, and those that ended their build. */
  final Map<BuildId, Integer> free = new HashMap<>();

  final Map<BuildId, Integer> fin = new HashMap<>();
  Swarm swarm = Swarm.calm();
  int enqueued;
  boolean away;
  int faults;
  long real;
  private int managersMade;

  World(TestOrchestrator all, Shape shape, long seed, int managers, int faults) {
    this.all = all;
    this.shape = shape;
    this.faults = faults;
    for (int i = 0; i < managers; i++) {
      this.managers.add(new Manager());
      reborn(this.managers.getLast());
    }
    for (int i = 0; i < shape.repositories().size(); i++) {
      ids.add(new BuildId(new UUID(seed, i).toString()));
    }
  }

  /** A crashed manager forgets all; what comes after it is another process with another id. */
  void reborn(Manager manager) {
    manager.id = new ManagerId("m" + ++managersMade);
    manager.idle();
    manager.nonce = null;
  }

  static ExecutorName executor(int number) {
    return new ExecutorName("x" + number);
  }

  /** Whether an agent of ours may believe in its lease; Quay's believes in anything. */
  boolean fresh(Worker worker) {
    return worker.session != null && real < worker.lastBeat + LEASE.toMillis();
  }

  /** Whether a push of this worker may be going on right now. */
  boolean pushing(Worker worker) {
    return worker.step == Worker.Step.PUSH && (shape.quay() || fresh(worker));
  }

  /** Whether an agent still answers and beats when it is reached. */
  boolean beats(Worker worker) {
    return worker.session != null
        && !worker.cut
        && worker.step != Worker.Step.DONE
        && worker.step != Worker.Step.HUNG
        && !(shape.quay() && worker.step == Worker.Step.PUSH);
  }

  /** Runs a command whose answer nobody waits for; a refusal is as good. */
  void applied(Copy command) {
    Result<?> result = command.command().get();
    Broken.unless(result.why().isPresent() || result.held().isPresent(), "no answer: %s", result);
  }

  boolean isQuiet(State state) {
    return enqueued == ids.size()
        && workers.isEmpty()
        && late.isEmpty()
        && copies.isEmpty()
        && managers.stream().allMatch(manager -> manager.step == Manager.Step.IDLE)
        && state.builds().values().stream().allMatch(build -> build.ended())
        && state.set("slots").isEmpty()
        && state.set("duties/open").isEmpty()
        && state.sets().entrySet().stream()
            .filter(set -> set.getKey().startsWith("holding/"))
            .allMatch(set -> set.getValue().isEmpty());
  }
}
