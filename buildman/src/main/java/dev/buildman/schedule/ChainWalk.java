package dev.buildman.schedule;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.LaunchResult.SurelyNothing;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.ClaimedBuild;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads a claimed build along the chain until a worker is launched or the claim is given back. The
 * launch call is made once, by whoever was answered the intent. A refused command means that the
 * attempt has ended elsewhere: nothing more is done then, but to stop a worker that was just
 * started.
 */
public final class ChainWalk {
  private static final Logger log = LoggerFactory.getLogger(ChainWalk.class);

  /** What a walk came to, for the dispatcher's pace. */
  enum Outcome {
    /** A launch call was made. */
    TRIED,
    /** Nobody takes the build now. */
    PARKED,
    /** The claim ended elsewhere. */
    ENDED
  }

  private final ExecutorChain chain;
  private final WalkCommands commands;
  private final Launcher launcher;

  public ChainWalk(ExecutorChain chain, WalkCommands commands, Launcher launcher) {
    this.chain = chain;
    this.commands = commands;
    this.launcher = launcher;
  }

  /** One attempt that has its intent. */
  private record Step(ChainLink link, Launcher.Prepared prepared) {
    JobRef job() {
      return prepared.job();
    }
  }

  /**
   * Walks.
   *
   * @throws InterruptedException when the manager ends; the sweep takes the claim back, or its duty
   *     finds the worker
   */
  Outcome walk(ClaimedBuild build) throws InterruptedException {
    List<ChainLink> links = chain.from(build.history().next());
    List<Skip> skips = new ArrayList<>();
    for (ChainLink link : links) {
      Optional<Skip> skip = enter(link, build);
      if (skip.isPresent()) {
        skips.add(skip.get());
        continue;
      }
      Step step = new Step(link, launcher.prepare(build.job()));
      Result<?> intent = commands.intend(link, step.prepared());
      if (intent.held().isPresent()) {
        launchAndGoOn(build, step);
        commands.remark(build.job(), skips);
        return Outcome.TRIED;
      }
      link.circuit().release();
      Optional<Skip> here = refusedHere(link, intent);
      if (here.isEmpty()) {
        log.info("claim ended elsewhere: attempt={}, answer={}", build.job().attempt(), intent);
        return Outcome.ENDED;
      }
      skips.add(here.get());
    }
    boolean whole = links.size() == chain.links().size();
    commands.park(build.job(), Parking.decide(skips, whole));
    return Outcome.PARKED;
  }

  /** Why the executor does not take the build; empty: the right to one launch was taken. */
  private static Optional<Skip> enter(ChainLink link, ClaimedBuild build)
      throws InterruptedException {
    Optional<Skip> rule = rules(link, build);
    return rule.isPresent() ? rule : link.circuit().acquire(link.name());
  }

  private static Optional<Skip> rules(ChainLink link, ClaimedBuild build) {
    return link.rules(build.repository().namespace(), build.history().triesAfterThis());
  }

  /** Why an executor refused an attempt that others may take; empty: the attempt has ended. */
  private static Optional<Skip> refusedHere(ChainLink link, Result<?> result) {
    return result instanceof Result.Refused<?>(Refusal refusal, String _)
            && (refusal == Refusal.EXECUTOR_FULL || refusal == Refusal.EXECUTOR_DISABLED)
        ? Optional.of(link.sawRefused(refusal))
        : Optional.empty();
  }

  private void launchAndGoOn(ClaimedBuild build, Step first) throws InterruptedException {
    Optional<Step> step = Optional.of(first);
    while (step.isPresent()) {
      step = launch(build, step.get());
    }
  }

  /** Launches; gives the next attempt where the launch surely started nothing. */
  private Optional<Step> launch(ClaimedBuild build, Step step) throws InterruptedException {
    boolean interrupted = build.history().interruptions() > 0;
    LaunchResult result = launcher.launch(step.link(), step.prepared(), interrupted);
    switch (result) {
      case LaunchResult.Started(ExecutionId id) -> {
        step.link().circuit().worked();
        record(step, id);
      }
      case SurelyNothing nothing when nothing.failure() == FailureClass.IMPOSSIBLE -> {
        step.link().circuit().worked();
        String sentence = sentence(step.link(), nothing.sentence());
        nothingCame(step, commands.impossible(step.job(), sentence));
      }
      case SurelyNothing nothing -> {
        step.link().circuit().failed(nothing.sentence());
        return goOn(build, step, nothing);
      }
      case LaunchResult.Unknown(String sentence) -> {
        step.link().circuit().failed(sentence);
        ambiguous(build, step, sentence(step.link(), sentence));
      }
    }
    return Optional.empty();
  }

  private void record(Step step, ExecutionId id) throws InterruptedException {
    Duration setupTime = step.link().settings().setupTime();
    Result<?> recorded = commands.launched(step.job(), id, setupTime);
    if (recorded.held().isPresent()) {
      log.info(
          "worker launched: attempt={}, executor={}, id={}",
          step.job().attempt(),
          step.link().name(),
          id);
    } else {
      // It was cancelled or given up meanwhile; its duty stops it too, if this does not (D5).
      launcher.stop(step.link(), step.prepared(), id, recorded.toString());
      commands.answered(step.job(), Optional.of(id));
    }
  }

  /** An attempt that ended before has a duty, which waits for what might come. */
  private void nothingCame(Step step, Result<?> moved) throws InterruptedException {
    if (moved.held().isEmpty()) {
      commands.answered(step.job(), Optional.empty());
    }
  }

  private Optional<Step> goOn(ClaimedBuild build, Step step, SurelyNothing nothing)
      throws InterruptedException {
    Reason reason = reason(nothing.failure());
    String sentence = sentence(step.link(), nothing.sentence());
    log.warn("launch failed: attempt={}, {}", step.job().attempt(), sentence);
    for (ChainLink next : chain.after(step.link())) {
      if (enter(next, build).isPresent()) {
        continue;
      }
      Launcher.Prepared prepared = launcher.prepareNext(step.job());
      Result<JobRef> moved = commands.next(step.job(), next, prepared, reason, sentence);
      if (moved.held().isPresent()) {
        return Optional.of(new Step(next, prepared));
      }
      next.circuit().release();
      Optional<Skip> there = refusedHere(next, moved);
      if (there.isEmpty()) {
        nothingCame(step, moved);
        return Optional.empty();
      }
      log.debug("executor passed over: attempt={}, {}", step.job().attempt(), there.get());
    }
    nothingCame(step, commands.last(step.job(), reason, sentence));
    return Optional.empty();
  }

  private void ambiguous(ClaimedBuild build, Step step, String sentence)
      throws InterruptedException {
    log.warn("launch without an answer: attempt={}, {}", step.job().attempt(), sentence);
    Optional<ChainLink> next =
        chain.after(step.link()).stream()
            .filter(link -> rules(link, build).isEmpty() && link.circuit().isClosed())
            .findFirst();
    Result<?> moved = commands.ambiguous(step.job(), next.map(ChainLink::name), sentence);
    boolean works = moved.refused(Refusal.HAS_SESSION);
    launcher.settle(step.prepared(), !works, id -> answeredLate(step.job(), id));
    if (works) {
      // The agent registered: the launch did succeed.
      Optional<ExecutionId> id = launcher.find(step.link(), step.prepared());
      if (id.isPresent()) {
        record(step, id.get());
      }
    }
  }

  private void answeredLate(JobRef job, Optional<ExecutionId> id) {
    try {
      commands.answered(job, id);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String sentence(ChainLink link, String sentence) {
    return link.name() + ": " + sentence;
  }

  private static Reason reason(FailureClass failure) {
    return switch (failure) {
      case UNREACHABLE, REFUSED -> Reason.EXECUTOR_UNAVAILABLE;
      case OVER_QUOTA -> Reason.QUOTA_EXCEEDED;
      case NO_CAPACITY -> Reason.CAPACITY_WAIT;
      case THROTTLED -> Reason.LAUNCH_RATE;
      case IMPOSSIBLE -> Reason.UNSATISFIABLE;
    };
  }
}
