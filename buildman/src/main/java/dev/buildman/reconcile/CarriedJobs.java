package dev.buildman.reconcile;

import dev.buildman.executor.Executor;
import dev.buildman.executor.Presence;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.AttemptId;
import dev.buildman.model.HostId;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.WorkerHandle;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after attempts whose agent is silent and yet may be at work: Quay's never opens a broken
 * stream again. Their executor decides: running, they live on; gone, they end by their exit;
 * unknown for five minutes, they end as lost with their node.
 */
public final class CarriedJobs {
  private static final Logger log = LoggerFactory.getLogger(CarriedJobs.class);
  private static final Duration UNKNOWN_FOR = Duration.ofMinutes(5);

  private final Jobs jobs;
  private final WorkerEnds ends;
  private final StatusReader status;
  private final KnownExecutors executors;
  private final Ticker ticker;
  private final Map<AttemptId, Long> unknownSince = new HashMap<>();

  public CarriedJobs(
      OrchestratorScripts scripts, KnownExecutors executors, Ticker ticker, Metrics metrics) {
    this.jobs = new Jobs(scripts);
    this.ends = new WorkerEnds(scripts, metrics);
    this.status = new StatusReader(scripts);
    this.executors = executors;
    this.ticker = ticker;
  }

  /** Looks at each once. From one thread. */
  public void runOnce() {
    try {
      List<JobRecord> carried = jobs.live().stream().filter(CarriedJobs::isCarried).toList();
      Set<AttemptId> seen = new HashSet<>();
      for (JobRecord job : carried) {
        seen.add(job.attempt());
        job.worker().ifPresent(worker -> look(job, worker));
      }
      unknownSince.keySet().retainAll(seen);
    } catch (RedisUnavailable e) {
      log.debug("carried jobs not looked at: cause={}", e.getMessage());
    }
  }

  private static boolean isCarried(JobRecord job) {
    return job.agent().flatMap(JobRecord.AgentState::carried).isPresent();
  }

  private void look(JobRecord job, WorkerHandle worker) {
    Optional<Executor> executor = executors.seeing(worker);
    if (executor.isEmpty() && isOtherwiseSeen(worker)) {
      return;
    }
    Presence presence =
        executor
            .map(x -> Workers.confirmGone(x, Workers.ref(worker)))
            .orElseGet(() -> new Presence.Unknown("no manager can see it"));
    switch (presence) {
      case Presence.Present _ -> unknownSince.remove(job.attempt());
      case Presence.Gone gone -> ends.ended(job, gone.exit(), true);
      case Presence.Unknown(String sentence) -> {
        long since = unknownSince.computeIfAbsent(job.attempt(), _ -> ticker.nanos());
        if (ticker.since(since).compareTo(UNKNOWN_FOR) >= 0) {
          ends.interrupted(job, Reason.NODE_LOST, Reason.NODE_LOST.sentence() + " " + sentence);
        }
      }
    }
  }

  /** Whether a manager on the worker's own host is there to look. */
  private boolean isOtherwiseSeen(WorkerHandle worker) {
    Optional<HostId> host = worker.host();
    return host.isPresent()
        && status.managers().stream().anyMatch(one -> one.hosts().contains(host.get()));
  }
}
