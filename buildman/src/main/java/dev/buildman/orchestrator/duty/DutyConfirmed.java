package dev.buildman.orchestrator.duty;

import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Closes a duty: its executor confirmed that the worker is gone. Frees what it held. */
public final class DutyConfirmed {
  private static final Script SCRIPT = Script.load(DutyConfirmed.class, "duty-confirmed.lua");

  private final OrchestratorScripts scripts;

  public DutyConfirmed(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when it is closed, or another claim's. Refused with NOT_DUE before its earliest
   * close (the detail is the time left, in milliseconds).
   */
  public Result<Done> run(JobRef attempt) {
    Arguments arguments =
        new Arguments()
            .with("id", attempt.build())
            .with("attempt", attempt.attempt().number())
            .with("nonce", attempt.nonce());
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
