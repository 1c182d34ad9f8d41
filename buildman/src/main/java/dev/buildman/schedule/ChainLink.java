package dev.buildman.schedule;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Namespace;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** One executor's place in the chain: its settings, its circuit, and whether it was seen full. */
public final class ChainLink {
  // As long as a build parked for room waits at most when nothing is heard of freed slots.
  private static final Duration FULL_FOR = Duration.ofSeconds(5);

  private final Executor executor;
  private final ExecutorSettings settings;
  private final Circuit circuit;
  private final Ticker ticker;
  private final AtomicLong fullSince = new AtomicLong();
  private volatile boolean full;

  public ChainLink(Executor executor, ExecutorSettings settings, Ticker ticker, Sleeper sleeper) {
    this.executor = executor;
    this.settings = settings;
    this.ticker = ticker;
    this.circuit = new Circuit(settings.name(), settings.breaker(), sleeper);
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

  Circuit circuit() {
    return circuit;
  }

  Optional<Skip> rules(Namespace namespace, int triesAfterThis) {
    return ChoiceRules.skip(name(), settings.choice(), namespace, triesAfterThis);
  }

  /** Why a claim would be of no use here, as far as this manager knows. */
  Optional<Skip> closed() {
    if (isFull()) {
      return Optional.of(full());
    }
    return circuit.isClosed() ? Optional.empty() : Optional.of(circuit.open(name()));
  }

  private Skip full() {
    return new Skip(name(), Skip.Cause.FULL, "runs as many workers as it may");
  }

  /** A script refused an intent here: all its places are taken. */
  Skip sawFull() {
    fullSince.set(ticker.nanos());
    full = true;
    return full();
  }

  void sawRoom() {
    full = false;
  }

  private boolean isFull() {
    return full && ticker.since(fullSince.get()).compareTo(FULL_FOR) < 0;
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
