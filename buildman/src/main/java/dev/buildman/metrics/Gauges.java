package dev.buildman.metrics;

import dev.buildman.model.Phase;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the newest {@link Snapshot} as gauges. It is taken by a loop of the caller's, not by the
 * scrape, so that a scrape answers at once whatever Redis does. While no snapshot can be taken the
 * gauges are NaN: an old depth would look like health.
 */
public final class Gauges {
  private static final List<String> WAITS = List.of("runnable", "delayed", "parked");

  private final Supplier<Snapshot> reader;
  private final AtomicReference<@Nullable Snapshot> newest = new AtomicReference<>();

  /**
   * @param reader may block, may throw
   * @param executors names of all executors in the chain
   */
  public Gauges(Metrics metrics, Supplier<Snapshot> reader, Collection<String> executors) {
    this.reader = reader;
    for (Phase phase : Phase.values()) {
      gauge(
          metrics,
          "builds",
          "Builds in a phase; ended ones until they are retired",
          s -> s.builds().getOrDefault(phase.word(), 0),
          "phase",
          phase.word());
    }
    for (String wait : WAITS) {
      gauge(
          metrics,
          "queue.entries",
          "Runnable namespaces, delayed builds, parked builds and namespaces",
          s -> s.queue().getOrDefault(wait, 0),
          "state",
          wait);
    }
    for (String executor : executors) {
      metrics.executor(executor);
      gauge(
          metrics,
          "executor.workers",
          "Workers that an executor answers for",
          s -> s.liveByExecutor().getOrDefault(executor, 0),
          "executor",
          executor);
    }
    gauge(
        metrics,
        "queue.oldest.age.seconds",
        "Age of the oldest build that waits",
        Snapshot::oldestWaitSeconds);
    gauge(metrics, "jobs", "Live jobs", Snapshot::jobs);
    gauge(metrics, "slots.held", "Worker slots that are held", Snapshot::slotsHeld);
    gauge(metrics, "slots.allowed", "Worker slots in all", Snapshot::slotsAllowed);
    gauge(metrics, "duties", "Workers that are still to be seen gone", Snapshot::duties);
    gauge(
        metrics,
        "duties.oldest.age.seconds",
        "Age of the oldest duty",
        Snapshot::oldestDutySeconds);
    gauge(metrics, "managers", "Managers that are present", Snapshot::managers);
  }

  /** Takes a snapshot. What the reader throws goes on to the caller, after the gauges are NaN. */
  public void runOnce() {
    newest.set(null);
    newest.set(reader.get());
  }

  private void gauge(
      Metrics metrics,
      String name,
      String help,
      ToDoubleFunction<Snapshot> value,
      String... labels) {
    metrics.gauge(
        name,
        help,
        () -> {
          Snapshot snapshot = newest.get();
          return snapshot == null ? Double.NaN : value.applyAsDouble(snapshot);
        },
        labels);
  }
}
