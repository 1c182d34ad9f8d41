package dev.buildman;

import dev.buildman.metrics.Snapshot;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.events.OrchestratorStatus;
import dev.buildman.orchestrator.events.StatusReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Turns the orchestrator's numbers into those of the metrics. */
final class Snapshots implements Supplier<Snapshot> {

  private final StatusReader reader;
  private final Supplier<Limits> limits;

  Snapshots(StatusReader reader, Supplier<Limits> limits) {
    this.reader = reader;
    this.limits = limits;
  }

  @Override
  public Snapshot get() {
    OrchestratorStatus status = reader.read();
    Map<String, Integer> phases = new HashMap<>();
    status.queue().phases().forEach((phase, builds) -> phases.put(phase.word(), builds));
    return new Snapshot(
        phases,
        Map.of(
            "runnable", status.queue().runnable(),
            "delayed", status.queue().delayed(),
            "parked", status.queue().parked()),
        seconds(status.queue().oldestWait()),
        status.queue().jobs(),
        status.slots(),
        limits.get().capacity().allowedWorkers(),
        status.live(),
        status.duties().open(),
        seconds(status.duties().oldest()),
        status.managers().size());
  }

  private static double seconds(Optional<Duration> age) {
    return age.map(duration -> duration.toMillis() / 1000.0).orElse(0.0);
  }
}
