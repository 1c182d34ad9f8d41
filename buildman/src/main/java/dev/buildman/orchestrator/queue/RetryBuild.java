package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Enqueues a new build that asks for what an ended one asked for. */
public final class RetryBuild {
  private static final Script SCRIPT = Script.load(RetryBuild.class, "retry-build.lua");

  private final OrchestratorScripts scripts;

  public RetryBuild(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: the new id. Refused with UNKNOWN, NOT_ENDED, OTHER_BODY (the new id is another
   * build's), QUEUE_FULL.
   *
   * @param spec what the ended build asked for, its secrets sealed anew: they open for one id only
   */
  public Result<BuildId> run(BuildId ended, BuildId created, SealedSpec spec) {
    Arguments arguments =
        new Arguments().with("id", created).with("old", ended).with("spec", spec.bytes());
    return scripts.runReplicated(SCRIPT, arguments, reply -> new BuildId(reply.text("id")));
  }
}
