package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Makes a delayed build runnable again, when its time has come. */
public final class WakeDelayed {
  private static final Script SCRIPT = Script.load(WakeDelayed.class, "wake-delayed.lua");

  private final OrchestratorScripts scripts;

  public WakeDelayed(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** AlreadyThere when it is not delayed. Refused with NOT_DUE, PUSH_MAY_GO_ON. */
  public Result<Done> run(BuildId id) {
    return scripts.run(SCRIPT, new Arguments().with("id", id), _ -> Done.DONE);
  }
}
