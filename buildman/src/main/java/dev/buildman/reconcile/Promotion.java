package dev.buildman.reconcile;

import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Promote;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills every repository's limit with its oldest builds, once at start: a raised limit would else
 * wait for the next build of each repository.
 */
final class Promotion {
  private static final Logger log = LoggerFactory.getLogger(Promotion.class);

  private final Builds builds;
  private final Promote promote;

  Promotion(OrchestratorScripts scripts) {
    this.builds = new Builds(scripts);
    this.promote = new Promote(scripts);
  }

  /** Gives the repositories that were looked at. May be repeated. */
  List<RepositoryName> run() {
    List<RepositoryName> behind = builds.repositoriesBehind();
    behind.forEach(this::fill);
    return behind;
  }

  private void fill(RepositoryName repository) {
    while (promote.run(repository) instanceof Result.Applied) {
      log.debug("builds promoted: repository={}", repository);
    }
  }
}
