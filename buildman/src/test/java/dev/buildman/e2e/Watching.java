package dev.buildman.e2e;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Follow;
import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.Phase;
import dev.buildman.proto.v1.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** Follows builds as clients do, and says what it saw last when it waits in vain. */
final class Watching implements Follower {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);

  private static final Pattern SETTLED =
      Pattern.compile("127\\.0\\.0\\.1:\\d+(/acme/[a-z-]+)?|[0-9a-f]{12,}|size: \\d+|\\d+ bytes");

  private final List<Phase> phases = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<LogEntry> log = new ArrayList<>();

  /** The build in its terminal phase. */
  static Build toTheEnd(BuildsClient client, Build build) throws InterruptedException {
    return new Watching().follow(client, build.getId());
  }

  Build follow(BuildsClient client, String id) throws InterruptedException {
    return new Follow(client, id, this).run(0);
  }

  /** Waits until the build is in the phase. */
  static Build awaitPhase(BuildsClient client, String id, Phase phase) {
    return Awaitility.await("build " + id + " is " + phase)
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(() -> client.getBuild(id), build -> build.getPhase() == phase);
  }

  /** Waits until the build's history has an entry with the reason. */
  static void awaitEvent(BuildsClient client, String id, String reason) {
    Awaitility.await("build " + id + " has " + reason)
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(
            () -> client.getBuildWithEvents(id).getEventsList(),
            events -> events.stream().anyMatch(event -> event.getReason().equals(reason)));
  }

  /** Waits until no worker, no slot and no duty is left. */
  static void awaitNothingLeft(BuildsClient client, Site site) {
    Awaitility.await("nothing is left behind")
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(
            () -> {
              Status status = client.getStatus();
              return status.getSlotsHeld() == 0
                  && status.getDutiesCount() == 0
                  && WorkerProcesses.of(site).all().isEmpty();
            });
  }

  /** Each phase once, in order. */
  List<Phase> phases() {
    return List.copyOf(phases);
  }

  List<String> reasons() {
    return events.stream().map(Event::getReason).toList();
  }

  List<Event> events() {
    return List.copyOf(events);
  }

  /** What the log says, all entries together. */
  String log() {
    StringBuilder text = new StringBuilder();
    log.forEach(entry -> text.append(entry.getMessage()));
    return text.toString();
  }

  /**
   * What the worker and its build printed, line by line, however it came in entries. What differs
   * from build to build is left out: addresses, repositories, digests and sizes.
   */
  List<String> told() {
    StringBuilder text = new StringBuilder();
    for (LogEntry entry : log) {
      text.append(entry.getType().isEmpty() ? "" : "\n" + entry.getType() + ": ");
      text.append(entry.getMessage());
    }
    return text.toString()
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> SETTLED.matcher(line).replaceAll("..."))
        .toList();
  }

  List<LogEntry> logEntries() {
    return List.copyOf(log);
  }

  @Override
  public void onBuild(Build build) {
    if (phases.isEmpty() || phases.getLast() != build.getPhase()) {
      phases.add(build.getPhase());
    }
  }

  @Override
  public void onEvents(List<Event> news) {
    events.addAll(news);
  }

  @Override
  public void onLog(long index, List<LogEntry> entries) {
    if (index != log.size()) {
      throw new IllegalStateException("log entry " + index + " came after " + log.size());
    }
    log.addAll(entries);
  }

  @Override
  public void onAway(String text) {
    // Managers go away in these tests; the follower comes back by itself.
  }

  @Override
  public void onBack() {
    // As above.
  }
}
