package dev.buildman.reconcile;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Retire;
import dev.buildman.redis.RedisUnavailable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets builds that ended long ago, and uploaded sources that none needs any more. The log goes
 * first, so that a manager that dies in between leaves no log behind that nothing names.
 */
public final class Retention {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);
  private static final int BATCH = 200;

  private final Builds builds;
  private final Retire retire;
  private final EndedLogs logs;
  private final RetentionSettings settings;
  private final OldSources sources;
  private final Set<BuildId> withoutLog = new HashSet<>();

  public Retention(
      OrchestratorScripts scripts, EndedLogs logs, OldSources sources, RetentionSettings settings) {
    this.builds = new Builds(scripts);
    this.retire = new Retire(scripts);
    this.logs = logs;
    this.sources = sources;
    this.settings = settings;
  }

  /** Retires what is old enough now. From one thread. */
  public void runOnce() {
    try {
      boolean more = true;
      while (more) {
        more = retireBatch();
      }
      deleteLogs();
      sources.retire(settings.sources());
    } catch (RedisUnavailable e) {
      log.debug("nothing retired: cause={}", e.getMessage());
    }
  }

  private boolean retireBatch() {
    List<BuildId> old = builds.endedLongerThan(settings.builds(), BATCH);
    int retired = 0;
    for (BuildId build : old) {
      logs.delete(build);
      if (retire.run(build, settings.builds()) instanceof Result.Applied) {
        retired++;
      }
    }
    if (retired > 0) {
      log.info("builds retired: count={}", retired);
    }
    // What is refused, for a worker that was not seen gone, must not keep this busy.
    return retired > 0 && old.size() == BATCH;
  }

  /** Logs that go before their builds do. */
  private void deleteLogs() {
    if (settings.logs().compareTo(settings.builds()) >= 0) {
      return;
    }
    List<BuildId> old = builds.endedLongerThan(settings.logs(), Integer.MAX_VALUE);
    withoutLog.retainAll(Set.copyOf(old));
    for (BuildId build : old) {
      if (!withoutLog.contains(build)) {
        logs.delete(build);
        withoutLog.add(build);
      }
    }
  }
}
