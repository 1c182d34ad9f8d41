package dev.buildman.orchestrator.events;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/**
 * Notes that an ended build's log was closed; logs may lie on another Redis, so it is asked for
 * until then.
 */
public final class LogClosed {
  private static final Script SCRIPT = Script.load(LogClosed.class, "log-closed.lua");

  private final OrchestratorScripts scripts;

  public LogClosed(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** AlreadyThere when it was noted before. */
  public Result<Done> run(BuildId id) {
    return scripts.run(SCRIPT, new Arguments().with("id", id), _ -> Done.DONE);
  }
}
