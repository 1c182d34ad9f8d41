package dev.buildman.reconcile;

import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Promote;
import java.util.List;

/**
 * Fills every repository's limit with its oldest builds, once at start: a raised limit would else
 * wait for the next build of each repository.
 */
final class Promotion {
  private final Builds builds;
  private final Promote promote;

  Promotion(OrchestratorScripts scripts) {
    this.builds = new Builds(scripts);
    this.promote = new Promote(scripts);
  }

  /** Gives the repositories that were looked at. May be repeated. */
  List<RepositoryName> run() {
    List<RepositoryName> behind = builds.repositoriesBehind();
    behind.forEach(promote::run);
    return behind;
  }
}
