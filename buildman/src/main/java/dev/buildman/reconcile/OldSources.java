package dev.buildman.reconcile;

import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.queue.SourceUse;
import dev.buildman.sources.SourceStore;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes uploaded sources that no build names any more. */
public final class OldSources {
  private static final Logger log = LoggerFactory.getLogger(OldSources.class);

  private final SourceUse use;
  private final SourceStore store;
  private final InstantSource clock;

  public OldSources(OrchestratorScripts scripts, SourceStore store, InstantSource clock) {
    this.use = new SourceUse(scripts);
    this.store = store;
    this.clock = clock;
  }

  void retire(Duration retention) {
    try {
      int retired =
          store.retire(
              clock.instant().minus(retention),
              digest -> use.isNamed(digest.toString(), retention));
      if (retired > 0) {
        log.info("uploaded sources retired: count={}", retired);
      }
    } catch (IOException e) {
      log.warn("uploaded sources not retired: cause={}", e.toString());
    }
  }
}
