package dev.buildman.schedule;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Namespace;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One executor's place in the chain: its settings, its circuit, and what it was last refused for.
 */
public final class ChainLink {
  private static final Logger log = LoggerFactory.getLogger(ChainLink.class);

  // As long as a build parked for room waits at most when nothing is heard of freed slots.
  private static final Duration REFUSED_FOR = Duration.ofSeconds(5);

  private final Executor executor;
  private final ExecutorSettings settings;
  private final Circuit circuit;
  private final Ticker ticker;
  private final AtomicLong refusedSince = new AtomicLong();
  private volatile @Nullable Skip refused;
  private volatile @Nullable List<String> findings;

  public ChainLink(Executor executor, ExecutorSettings settings, Ticker ticker, Sleeper sleeper) {
    this.executor = executor;
    this.settings = settings;
    this.ticker = ticker;
    this.circuit = new Circuit(settings.name(), settings.breaker(), ticker, sleeper);
  }

  public Executor executor() {
    return executor;
  }

  public ExecutorSettings settings() {
    return settings;
  }

  public ExecutorName name() {
    return settings.name();
  }

  /**
   * The circuit's state, for people and metrics: {@code closed}, {@code open}, {@code half_open}.
   */
  public String circuitState() {
    return circuit.state();
  }

  /** What is in the way of its workers, as far as this manager knows; empty: nothing. */
  public String trouble() {
    String last = circuit.trouble();
    List<String> found = findings;
    return last.isEmpty() && found != null ? String.join(" ", found) : last;
  }

  /**
   * Lets the executor look what is in the way of its workers, and says it in the log: at first, and
   * again while something is. Blocks as long as its control plane takes to answer.
   */
  public void check() {
    List<String> before = findings;
    if (before != null && before.isEmpty()) {
      return;
    }
    List<String> found = executor.check();
    findings = found;
    if (!found.equals(before)) {
      found.forEach(one -> log.warn("executor cannot work: executor={}, {}", name(), one));
      if (before != null && found.isEmpty()) {
        log.info("executor can work now: executor={}", name());
      }
    }
  }

  Circuit circuit() {
    return circuit;
  }

  Optional<Skip> rules(Namespace namespace, int triesAfterThis) {
    return ChoiceRules.skip(name(), settings.choice(), namespace, triesAfterThis);
  }

  /** Why a claim would be of no use here, as far as this manager knows. */
  Optional<Skip> closed() {
    Skip seen = refused;
    if (seen != null && ticker.since(refusedSince.get()).compareTo(REFUSED_FOR) < 0) {
      return Optional.of(seen);
    }
    return circuit.isClosed() ? Optional.empty() : Optional.of(circuit.open(name()));
  }

  /** A script refused an intent here: all its places are taken, or it is switched off. */
  Skip sawRefused(Refusal refusal) {
    Skip skip =
        refusal == Refusal.EXECUTOR_DISABLED
            ? new Skip(name(), Skip.Cause.OFF, "is switched off")
            : new Skip(name(), Skip.Cause.FULL, "runs as many workers as it may");
    refusedSince.set(ticker.nanos());
    refused = skip;
    return skip;
  }

  void sawRoom() {
    refused = null;
  }

  /** Where an attempt's worker will be. */
  WorkerPlace place(ExecutionName worker, Duration machineMax) {
    return new WorkerPlace(
        name(),
        executor.host(),
        worker.value(),
        settings.choice().maximumWorkers(),
        Optional.of(maxLifetime(machineMax)));
  }

  /** A worker's life here at most. */
  Duration maxLifetime(Duration machineMax) {
    Duration own = settings.maxLifetime();
    return own.compareTo(machineMax) < 0 ? own : machineMax;
  }
}
