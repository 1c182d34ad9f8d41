package dev.buildman.orchestrator.job;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;

/**
 * Does what a job's passed deadline asks for; by event and by the sweep alike. Nothing else may.
 */
public final class Expire {
  private static final Script SCRIPT = Script.load(Expire.class, "expire.lua");

  private final OrchestratorScripts scripts;

  public Expire(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** Refused with ENDED (no job), NOT_DUE, GRACE. AlreadyThere: it is carried already. */
  public Result<Expired> run(BuildId id) {
    return scripts.run(SCRIPT, new Arguments().with("id", id), Expire::expired);
  }

  private static Expired expired(Reply reply) {
    return switch (reply.text("what")) {
      case "back" -> new Expired.ClaimTakenBack();
      case "carried" -> new Expired.Carried();
      default -> new Expired.AttemptEnded(Ended.of(reply));
    };
  }
}
