package dev.buildman.orchestrator.duty;

import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.Optional;

/**
 * Takes note of a launch call that was answered when its attempt had ended: the attempt's duty need
 * not wait for what might still come of it, and is due.
 */
public final class LaunchAnswered {
  private static final Script SCRIPT = Script.load(LaunchAnswered.class, "launch-answered.lua");

  private final OrchestratorScripts scripts;

  public LaunchAnswered(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when there is no such duty, or it did not wait.
   *
   * @param executionId what the executor calls the worker; empty: it started none
   */
  public Result<Done> run(JobRef attempt, Optional<String> executionId) {
    Arguments arguments =
        new Arguments()
            .with("id", attempt.build())
            .with("attempt", attempt.attempt().number())
            .with("nonce", attempt.nonce())
            .with("execution", executionId.orElse(""));
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
