package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/** Forgets an ended build: its record, its history and its entries in every index. */
public final class Retire {
  private static final Script SCRIPT = Script.load(Retire.class, "retire.lua");

  private final OrchestratorScripts scripts;

  public Retire(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when it is gone. Refused with NOT_DUE (not ended, or younger), OPEN (a duty, a
   * slot or a fence is left).
   *
   * @param retention how long ended builds are kept
   */
  public Result<Done> run(BuildId id, Duration retention) {
    Arguments arguments = new Arguments().with("id", id).with("retention", retention);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
