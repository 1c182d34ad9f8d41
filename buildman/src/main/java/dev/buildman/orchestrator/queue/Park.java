package dev.buildman.orchestrator.queue;

import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Gives a claim back: its place, score and tries stay. */
public final class Park {
  private static final Script SCRIPT = Script.load(Park.class, "park.lua");

  private final OrchestratorScripts scripts;

  public Park(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Refused with NOT_YOURS (also its own replay: take it for done), HAS_INTENT.
   *
   * @param reason stands on the build; a repeated one adds nothing to its history
   * @param sentence for people
   */
  public Result<Done> run(JobRef job, ParkKind kind, Reason reason, String sentence) {
    Arguments arguments =
        new Arguments()
            .with("id", job.build())
            .with("attempt", job.attempt().number())
            .with("nonce", job.nonce())
            .with("kind", kind.word())
            .with("reason", reason.code())
            .with("sentence", sentence);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
