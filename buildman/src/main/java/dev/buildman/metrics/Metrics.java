package dev.buildman.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/**
 * All that this manager counts. Names follow Prometheus: {@code buildman_} first, the unit last, in
 * seconds and bytes. Labels hold names and codes of bounded number, never ids. Thread-safe; a count
 * costs some nanoseconds.
 */
public final class Metrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Found again without building its name and labels, for the hot paths. */
  private final Map<String, Counter> answers = new ConcurrentHashMap<>();

  private final Counter logLines;
  private final Counter logBytes;

  public Metrics() {
    logLines = counter("buildman.log.lines", "Lines of build logs that were stored");
    logBytes = counter("buildman.log.bytes", "Bytes of build logs that were stored");
    // An alarm that is born with its first event is born at one, and shows no increase.
    slotsReleased();
  }

  /** An executor is in the chain: what is counted of it begins at zero. */
  public void executor(String name) {
    workersReaped(name);
  }

  /** A build was enqueued. */
  public void enqueued() {
    counter("buildman.builds.enqueued", "Builds that were enqueued").increment();
  }

  /**
   * A build entered a terminal phase.
   *
   * @param phase its word
   * @param reason a stable code
   */
  public void buildEnded(String phase, String reason) {
    counter("buildman.builds.ended", "Builds that ended", "phase", phase, "reason", reason)
        .increment();
  }

  /** An attempt ended without ending its build, for this reason. */
  public void attemptRepeated(String reason) {
    counter("buildman.attempts.repeated", "Attempts that will be repeated", "reason", reason)
        .increment();
  }

  /**
   * What a complete build used at most, as its agent says; 0: not known.
   *
   * @param cpuMillis thousandths of a core
   */
  public void peak(int cpuMillis, long memoryBytes, long diskBytes) {
    summary("buildman.build.peak.cpu.cores", "Cores that builds used at most", cpuMillis / 1e3);
    summary("buildman.build.peak.memory.bytes", "Memory that builds used at most", memoryBytes);
    summary("buildman.build.peak.disk.bytes", "Disk that builds used at most", diskBytes);
  }

  private void summary(String name, String help, double value) {
    if (value > 0) {
      DistributionSummary.builder(name).description(help).register(registry).record(value);
    }
  }

  /**
   * A launch call was answered.
   *
   * @param outcome {@code started}, {@code nothing} or {@code unknown}
   */
  public void launch(String executor, String outcome, Duration took) {
    Timer.builder("buildman.launch")
        .description("Launch calls of executors")
        .tags("executor", executor, "outcome", outcome)
        .register(registry)
        .record(took);
  }

  /** A slot was freed though its worker was not seen to end: an alarm. */
  public void slotReleased() {
    slotsReleased().increment();
  }

  private Counter slotsReleased() {
    return counter("buildman.slots.released", "Slots freed without seeing the worker end");
  }

  /** A worker that nobody answers for was stopped. */
  public void workerReaped(String executor) {
    workersReaped(executor).increment();
  }

  private Counter workersReaped(String executor) {
    return counter(
        "buildman.workers.reaped", "Workers without a job that were stopped", "executor", executor);
  }

  /** How long a build that was ready waited for its launch call. */
  public void dispatched(Duration enqueuedToLaunch) {
    Timer.builder("buildman.dispatch.wait")
        .description("From the enqueue of a build to its first launch call")
        .publishPercentileHistogram()
        .register(registry)
        .record(enqueuedToLaunch);
  }

  /** A hint of Redis arrived. */
  public void eventReceived(String event) {
    counter("buildman.events.received", "Hints that Redis sent", "event", event).increment();
  }

  /**
   * An agent's call or message was answered.
   *
   * @param answer a word of bounded number, such as {@code ok} or {@code fenced}
   */
  public void agentAnswered(String rpc, String answer) {
    answers
        .computeIfAbsent(
            rpc + ' ' + answer,
            _ ->
                counter(
                    "buildman.agent.answers", "Answers to agents", "rpc", rpc, "answer", answer))
        .increment();
  }

  /** Log lines were stored. */
  public void logStored(int lines, long bytes) {
    logLines.increment(lines);
    logBytes.increment(bytes);
  }

  /**
   * A value that is asked for when it is scraped.
   *
   * @param name with dots, without the prefix; the unit last
   * @param value answers at once; NaN when it is not known
   * @param labels names and values by turns
   */
  public void gauge(String name, String help, DoubleSupplier value, String... labels) {
    Gauge.builder("buildman." + name, value::getAsDouble)
        .description(help)
        .tags(Tags.of(labels))
        .register(registry);
  }

  /** All of it, as Prometheus reads it. */
  public String scrape() {
    return registry.scrape();
  }

  /** For what Micrometer's own binders measure. */
  MeterRegistry registry() {
    return registry;
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder(name).description(help).tags(labels).register(registry);
  }
}
