package dev.buildman.orchestrator.duty;

import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/** Puts a duty off: its worker is still there, or its executor cannot tell. Never creates one. */
public final class DutyPostponed {
  private static final Script SCRIPT = Script.load(DutyPostponed.class, "duty-postponed.lua");

  private final OrchestratorScripts scripts;

  public DutyPostponed(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when it is closed, or another claim's.
   *
   * @param wait until it is due again
   * @param tries so far, this one included
   * @param trouble why it is not done, for people; never a secret
   */
  public Result<Done> run(JobRef attempt, Duration wait, int tries, String trouble) {
    return run(attempt, wait, tries, trouble, false);
  }

  /**
   * As {@link #run}, of one whose launch has no answer yet: due at once when that has come
   * meanwhile.
   */
  public Result<Done> forLaunch(JobRef attempt, Duration wait, int tries, String trouble) {
    return run(attempt, wait, tries, trouble, true);
  }

  private Result<Done> run(
      JobRef attempt, Duration wait, int tries, String trouble, boolean forLaunch) {
    Arguments arguments =
        new Arguments()
            .with("id", attempt.build())
            .with("attempt", attempt.attempt().number())
            .with("nonce", attempt.nonce())
            .with("wait", wait)
            .with("tries", tries)
            .with("trouble", trouble)
            .with("launch", forLaunch ? "1" : "0");
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
