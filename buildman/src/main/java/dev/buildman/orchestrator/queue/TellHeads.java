package dev.buildman.orchestrator.queue;

import dev.buildman.model.Why;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/**
 * Notes in the builds that would be claimed next why nobody claims them. Changes nothing else about
 * them; a reason that stands there already is not written again.
 */
public final class TellHeads {
  private static final Script SCRIPT = Script.load(TellHeads.class, "tell-heads.lua");

  private final OrchestratorScripts scripts;

  public TellHeads(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when all of them knew.
   *
   * @param most builds to look at: the work is bounded, whatever waits
   */
  public Result<Done> run(Why why, int most) {
    Arguments arguments =
        new Arguments()
            .with("reason", why.reason())
            .with("sentence", why.sentence())
            .with("most", most);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
