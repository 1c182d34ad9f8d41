package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/**
 * Takes a new build into the queue: behind its repository's builds, and on to the heads while the
 * repository's limit allows.
 */
public final class Enqueue {
  private static final Script SCRIPT = Script.load(Enqueue.class, "enqueue.lua");

  private final OrchestratorScripts scripts;

  public Enqueue(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: the build's id. Refused with OTHER_BODY, QUEUE_FULL. Returns once Redis, and as
   * many replicas as the settings ask for, have it.
   *
   * @return the build; another id than asked for when the idempotency key is known
   */
  public Result<BuildId> run(NewBuild build) {
    NewBuild.Options options = build.options();
    Arguments arguments =
        new Arguments()
            .with("id", build.id())
            .with("ns", build.repository().namespace())
            .with("repo", build.repository().name())
            .with("spec", build.spec().bytes())
            .with("hash", build.bodyHash())
            .with("key", options.idempotencyKey())
            .with("priority", options.priority())
            .with("tries", options.tries())
            .with("timeout", options.timeout().orElse(Duration.ZERO))
            .with("needs", String.join(" ", options.needs()))
            .with("source", options.source());
    return scripts.runReplicated(SCRIPT, arguments, reply -> new BuildId(reply.text("id")));
  }
}
