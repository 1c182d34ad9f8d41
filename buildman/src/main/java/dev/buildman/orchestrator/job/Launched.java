package dev.buildman.orchestrator.job;

import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/** Records what the executor calls the worker that it has started. */
public final class Launched {
  private static final Script SCRIPT = Script.load(Launched.class, "launched.lua");

  private final OrchestratorScripts scripts;

  public Launched(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Leaves the lease alone when the agent has registered already. Refused with NOT_YOURS (stop the
   * worker just started), NO_INTENT.
   *
   * @param setupTime {@code SETUP_TIME}: from now to the agent's registration
   */
  public Result<Done> run(JobRef job, String executionId, Duration setupTime) {
    Arguments arguments =
        new Arguments()
            .with("id", job.build())
            .with("attempt", job.attempt().number())
            .with("nonce", job.nonce())
            .with("execution", executionId)
            .with("setup", setupTime);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
