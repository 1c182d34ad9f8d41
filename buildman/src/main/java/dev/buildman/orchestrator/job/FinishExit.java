package dev.buildman.orchestrator.job;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.Optional;

/** Ends an attempt by its executor's word: its worker ended, or will. */
public final class FinishExit {
  private static final Script SCRIPT = Script.load(FinishExit.class, "finish-exit.lua");

  private final OrchestratorScripts scripts;

  public FinishExit(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Refused with ENDED (also its own replay), PHASE_CHANGED (read the job and decide again).
   *
   * @param job whose worker it was: attempt and nonce
   * @param expected phase that the ending was decided by; empty: any
   * @param gone only when the executor's confirmGone answered Gone. A notice (spot, preemption,
   *     eviction, drain, node lost, unknown for 5 min) is never
   */
  public Result<Ended> run(
      JobRef job, ExecutorName executor, EndNote end, Optional<Phase> expected, boolean gone) {
    return run(
        arguments(job, executor, end)
            .with("expected", expected.map(Phase::word).orElse(""))
            .with("gone", gone)
            .with("next", ""));
  }

  /**
   * The executor took the worker and has no place for it. Refused as above.
   *
   * @param end whose outcome is free
   * @param next where the build goes on at once; empty: it is parked, as at the end of a walk
   */
  public Result<Ended> noRoom(
      JobRef job, ExecutorName executor, EndNote end, Optional<ExecutorName> next) {
    return run(
        arguments(job, executor, end)
            .with("expected", "")
            .with("gone", false)
            .with("next", next.map(ExecutorName::value).orElse("")));
  }

  private static Arguments arguments(JobRef job, ExecutorName executor, EndNote end) {
    return Ends.note(
            new Arguments()
                .with("id", job.build())
                .with("attempt", job.attempt().number())
                .with("nonce", job.nonce()),
            end)
        .with("executor", executor);
  }

  private Result<Ended> run(Arguments arguments) {
    return scripts.run(SCRIPT, arguments, Ended::of);
  }
}
