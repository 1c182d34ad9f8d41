package dev.buildman.orchestrator.queue;

import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/**
 * Makes a repository's oldest builds runnable until its limit is filled. Part of every transition
 * that frees a place; on its own at start and after {@code BUILDS_PER_REPOSITORY} was raised.
 */
public final class Promote {
  private static final Script SCRIPT = Script.load(Promote.class, "promote.lua");

  private final OrchestratorScripts scripts;

  public Promote(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when the limit is filled or nothing waits. One call promotes a bounded number:
   * call again until it says so.
   */
  public Result<Done> run(RepositoryName repository) {
    Arguments arguments =
        new Arguments().with("ns", repository.namespace()).with("repo", repository.name());
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
