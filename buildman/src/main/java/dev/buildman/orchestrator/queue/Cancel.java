package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Ends a build at once, in every phase; its worker follows by its duty. */
public final class Cancel {
  private static final Script SCRIPT = Script.load(Cancel.class, "cancel.lua");

  private final OrchestratorScripts scripts;

  public Cancel(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: the id. Refused with UNKNOWN, ENDED (terminal, but not cancelled).
   *
   * @param by who wants it; empty: unknown
   * @param sentence why, for people; empty: the reason's own
   */
  public Result<Ended> run(BuildId id, String by, String sentence) {
    Arguments arguments = new Arguments().with("id", id).with("by", by).with("sentence", sentence);
    return scripts.runReplicated(SCRIPT, arguments, Ended::of);
  }
}
