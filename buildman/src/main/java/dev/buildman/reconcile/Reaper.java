package dev.buildman.reconcile;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.duty.Duties;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the workers that executors have with the jobs that there are, both ways. The inventory
 * is read first: a worker in it had its intent before, so its job is seen, or has ended with a
 * duty. A worker that nobody answers for is stopped at the second sight; so is a job ended whose
 * worker is gone, unless its agent is heard. Workers of another Redis state are reported and left
 * alone.
 */
public final class Reaper {
  private static final Logger log = LoggerFactory.getLogger(Reaper.class);

  private final OrchestratorScripts scripts;
  private final KnownExecutors executors;
  private final Installation installation;
  private final Metrics metrics;
  private final WorkerEnds ends;
  private final Sightings extra;
  private final Sightings missing;
  private final Set<ExecutionName> reported = new HashSet<>();

  public Reaper(
      OrchestratorScripts scripts,
      KnownExecutors executors,
      Installation installation,
      Ticker ticker,
      Metrics metrics) {
    this.scripts = scripts;
    this.executors = executors;
    this.installation = installation;
    this.metrics = metrics;
    this.ends = new WorkerEnds(scripts, metrics);
    this.extra = new Sightings(ticker);
    this.missing = new Sightings(ticker);
  }

  /** Compares once. From one thread. */
  public void runOnce() {
    try {
      Map<Executor, List<SeenWorker>> inventories = inventories();
      List<JobRecord> jobs = new Jobs(scripts).live();
      stopExtra(inventories, jobs);
      endMissing(inventories, jobs);
    } catch (RedisUnavailable e) {
      log.debug("nothing compared: cause={}", e.getMessage());
    }
  }

  private Map<Executor, List<SeenWorker>> inventories() {
    Map<Executor, List<SeenWorker>> all = new HashMap<>();
    for (Executor executor : executors.all()) {
      switch (list(executor)) {
        case Inventory.Listed(List<SeenWorker> workers) -> all.put(executor, workers);
        case Inventory.Unavailable(String sentence) ->
            log.info("no inventory: executor={}, cause={}", executor.name(), sentence);
      }
    }
    return all;
  }

  private static Inventory list(Executor executor) {
    try {
      return executor.list();
    } catch (RuntimeException e) {
      log.error("inventory failed: executor={}", executor.name(), e);
      return new Inventory.Unavailable(e.toString());
    }
  }

  private void stopExtra(Map<Executor, List<SeenWorker>> inventories, List<JobRecord> jobs) {
    Set<String> expected = new HashSet<>();
    jobs.forEach(job -> job.worker().ifPresent(worker -> expected.add(worker.name())));
    Set<ExecutionName> met = new HashSet<>();
    inventories.forEach(
        (executor, workers) -> {
          for (SeenWorker worker : workers) {
            if (!worker.state().equals(installation.state())) {
              report(executor, worker);
            } else if (!expected.contains(worker.name().value()) && !hasDuty(worker)) {
              met.add(worker.name());
              if (extra.again(worker.name())) {
                stop(executor, worker);
              }
            }
          }
        });
    extra.keep(met);
  }

  private boolean hasDuty(SeenWorker worker) {
    return new Duties(scripts)
        .get(worker.attempt())
        .filter(duty -> duty.worker().name().equals(worker.name().value()))
        .isPresent();
  }

  private void stop(Executor executor, SeenWorker worker) {
    // The last chance of a worker whose job was not in the list.
    if (isExpected(worker)) {
      return;
    }
    StopResult stopped = Workers.stop(executor, worker.ref());
    log.warn(
        "worker without a job stopped: executor={}, name={}, stop={}",
        executor.name(),
        worker.name(),
        stopped);
    metrics.workerReaped(executor.name().value());
  }

  private boolean isExpected(SeenWorker worker) {
    BuildId build = worker.attempt().build();
    return new Jobs(scripts)
        .get(build)
        .flatMap(JobRecord::worker)
        .filter(known -> known.name().equals(worker.name().value()))
        .isPresent();
  }

  private void report(Executor executor, SeenWorker worker) {
    if (reported.add(worker.name())) {
      log.warn(
          "worker of another Redis state left alone, stop it by hand if that state is gone:"
              + " executor={}, name={}, state={}",
          executor.name(),
          worker.name(),
          worker.state());
    }
  }

  private void endMissing(Map<Executor, List<SeenWorker>> inventories, List<JobRecord> jobs) {
    Set<ExecutionName> met = new HashSet<>();
    for (JobRecord job : jobs) {
      job.worker()
          .filter(worker -> job.step() == JobRecord.Step.LAUNCHED || job.agent().isPresent())
          .flatMap(executors::seeing)
          .filter(executor -> isMissing(inventories.get(executor), job))
          .ifPresent(
              executor -> {
                ExecutionName name = Workers.ref(job.worker().orElseThrow()).name();
                met.add(name);
                if (missing.again(name)) {
                  endIfGone(executor, job);
                }
              });
    }
    missing.keep(met);
  }

  private static boolean isMissing(@Nullable List<SeenWorker> workers, JobRecord job) {
    String name = job.worker().orElseThrow().name();
    return workers != null && workers.stream().noneMatch(w -> w.name().value().equals(name));
  }

  private void endIfGone(Executor executor, JobRecord job) {
    if (isHeard(job)) {
      return;
    }
    Presence presence = Workers.confirmGone(executor, Workers.ref(job.worker().orElseThrow()));
    if (presence instanceof Presence.Gone gone) {
      ends.ended(job, gone.exit(), true);
    }
  }

  /** A missing worker with fresh heartbeats is alive, whatever a list says. */
  private boolean isHeard(JobRecord job) {
    Optional<Instant> beat = job.agent().map(JobRecord.AgentState::lastBeat);
    if (beat.isEmpty()) {
      return false;
    }
    Instant now = new StatusReader(scripts).read().outage().now();
    Duration silence = Duration.between(beat.get(), now);
    return silence.compareTo(scripts.limits().times().lease()) < 0;
  }
}
