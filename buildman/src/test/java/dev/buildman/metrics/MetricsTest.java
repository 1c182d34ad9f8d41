package dev.buildman.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void whatIsCountedIsScrapedWithPrefixAndUnit() {
    metrics.enqueued();
    metrics.buildEnded("complete", "COMPLETED");
    metrics.buildEnded("complete", "COMPLETED");
    metrics.attemptRepeated("HEARTBEAT_LOST");
    metrics.launch("popen", "started", Duration.ofMillis(250));
    metrics.eventReceived("enqueued");
    metrics.agentAnswered("Heartbeat", "ok");
    metrics.logStored(3, 120);

    assertThat(metrics.scrape())
        .contains(
            "buildman_builds_enqueued_total 1.0",
            "buildman_builds_ended_total{phase=\"complete\",reason=\"COMPLETED\"} 2.0",
            "buildman_attempts_repeated_total{reason=\"HEARTBEAT_LOST\"} 1.0",
            "buildman_launch_seconds_count{executor=\"popen\",outcome=\"started\"} 1",
            "buildman_launch_seconds_sum{executor=\"popen\",outcome=\"started\"} 0.25",
            "buildman_events_received_total{event=\"enqueued\"} 1.0",
            "buildman_agent_answers_total{answer=\"ok\",rpc=\"Heartbeat\"} 1.0",
            "buildman_log_lines_total 3.0",
            "buildman_log_bytes_total 120.0");
  }

  @Test
  void gaugesShowTheNewestSnapshotAndNothingWhileNoneCanBeTaken() {
    AtomicReference<Supplier<Snapshot>> reader =
        new AtomicReference<>(
            () ->
                new Snapshot(
                    Map.of("waiting", 4),
                    Map.of("parked", 1),
                    12.5,
                    2,
                    3,
                    5,
                    Map.of("popen", 2),
                    1,
                    30,
                    2));
    Gauges gauges = new Gauges(metrics, () -> reader.get().get(), List.of("popen"));

    gauges.runOnce();
    assertThat(metrics.scrape())
        .contains(
            "buildman_builds{phase=\"waiting\"} 4.0",
            "buildman_builds{phase=\"pushing\"} 0.0",
            "buildman_queue_entries{state=\"parked\"} 1.0",
            "buildman_queue_oldest_age_seconds 12.5",
            "buildman_jobs 2.0",
            "buildman_slots_held 3.0",
            "buildman_slots_allowed 5.0",
            "buildman_executor_workers{executor=\"popen\"} 2.0",
            "buildman_duties 1.0",
            "buildman_duties_oldest_age_seconds 30.0",
            "buildman_managers 2.0");

    reader.set(
        () -> {
          throw new IllegalStateException("Redis is away");
        });
    assertThatThrownBy(gauges::runOnce).hasMessage("Redis is away");
    assertThat(metrics.scrape()).contains("buildman_slots_held NaN");
  }

  @Test
  void healthNamesEveryTroubleInOrder() {
    Health health = new Health();
    health.check("tick", () -> Optional.of("no tick for 20 s"));
    health.check("listener", Optional::empty);
    health.check("redis", () -> Optional.of("away for 4 s"));
    health.check(
        "broken",
        () -> {
          throw new IllegalStateException("x");
        });

    assertThat(health.troubles().keySet()).containsExactly("broken", "redis", "tick");
    assertThat(health.troubles().get("redis")).isEqualTo("away for 4 s");
  }
}
