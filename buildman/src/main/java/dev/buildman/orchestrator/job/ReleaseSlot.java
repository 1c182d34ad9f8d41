package dev.buildman.orchestrator.job;

import dev.buildman.model.AttemptId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/**
 * Frees the slot of a worker that was not seen to end within {@code TERMINATION_HOLD}: an alarm.
 */
public final class ReleaseSlot {
  private static final Script SCRIPT = Script.load(ReleaseSlot.class, "release-slot.lua");

  private final OrchestratorScripts scripts;

  public ReleaseSlot(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** AlreadyThere when it is free. Refused with LIVE, NOT_DUE. */
  public Result<Done> run(AttemptId attempt) {
    Arguments arguments =
        new Arguments().with("id", attempt.build()).with("attempt", attempt.number());
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
