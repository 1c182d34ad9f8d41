package dev.buildman.orchestrator.queue;

import dev.buildman.model.AttemptId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/**
 * Takes down a fence: the push of that attempt can no longer go on. A delayed build may wake then;
 * an ended one frees its repository's place.
 */
public final class LetGo {
  private static final Script SCRIPT = Script.load(LetGo.class, "let-go.lua");

  private final OrchestratorScripts scripts;

  public LetGo(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** AlreadyThere when the fence is not that attempt's. Refused with NOT_DUE, GRACE. */
  public Result<Done> run(AttemptId attempt) {
    Arguments arguments =
        new Arguments().with("id", attempt.build()).with("attempt", attempt.number());
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
