package dev.buildman.demo;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Follow;
import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** One build on the screen: its row, and its history as lines. */
final class ShownBuild implements Follower {
  /** Every phase change is in the row; a line for each would drown the rest. */
  private static final List<String> QUIET = List.of("PHASE_CHANGED", "CLAIMED", "ATTEMPT_STARTED");

  /** Why a build only stands in the queue: no event says it, as nothing happens to it. */
  private static final List<String> WAITS = List.of("CAPACITY_WAIT", "REPOSITORY_BUSY");

  // A row is redrawn in place, so it must fit into a line of a common terminal.
  private static final int WHY = 54;

  private final String name;
  private final Screen screen;
  private final Consumer<Build> changed;
  private volatile Build build;
  private volatile String last = "";
  private final Set<String> waited = ConcurrentHashMap.newKeySet();

  /**
   * @param changed is told of every change, after the build's own row knows it
   */
  ShownBuild(String name, Build build, Screen screen, Consumer<Build> changed) {
    this.name = name;
    this.build = build;
    this.screen = screen;
    this.changed = changed;
  }

  /** Follows it to its end. */
  Build follow(BuildsClient client) throws InterruptedException {
    build = new Follow(client, build.getId(), this).run(0);
    return build;
  }

  Build build() {
    return build;
  }

  String row() {
    Build now = build;
    String attempt = now.getAttempt() == 0 ? "" : "attempt " + now.getAttempt();
    return "  %-14s %-16s %-10s %s"
        .formatted(name, phase(now.getPhase()), attempt, shortened(why(now), WHY));
  }

  private String why(Build now) {
    if (now.getPhase() == Phase.PHASE_WAITING || !now.getReasonText().isEmpty()) {
      return now.getReason() + ": " + now.getReasonText();
    }
    return last;
  }

  // What a worker printed last follows the sentence: `buildman show` tells it, a demo need not.
  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return end < 0 ? text : text.substring(0, end + 1);
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 3) + "...";
  }

  static String phase(Phase phase) {
    return phase == Phase.PHASE_INTERNAL_ERROR
        ? "internalerror"
        : phase.name().replace("PHASE_", "").replace('_', '-').toLowerCase(Locale.ROOT);
  }

  /** Whether it was seen waiting for this reason. */
  boolean waitedFor(String reason) {
    return waited.contains(reason);
  }

  @Override
  public void onBuild(Build now) {
    build = now;
    if (now.getPhase() == Phase.PHASE_WAITING
        && WAITS.contains(now.getReason())
        && waited.add(now.getReason())) {
      screen.say("  %-14s waits: %s: %s".formatted(name, now.getReason(), now.getReasonText()));
    }
    changed.accept(now);
  }

  @Override
  public void onEvents(List<Event> events) {
    for (Event event : events) {
      last = event.getReason() + ": " + event.getText();
      if (!QUIET.contains(event.getReason())) {
        String attempt = event.getAttempt() == 0 ? "" : " (attempt " + event.getAttempt() + ")";
        screen.say(
            "  %-14s %s%s: %s"
                .formatted(name, event.getReason(), attempt, firstSentence(event.getText())));
      }
    }
  }

  @Override
  public void onLog(long index, List<LogEntry> entries) {
    // Whoever wants the log asks for it: `buildman logs`.
  }

  @Override
  public void onAway(String text) {
    screen.say("  the manager is away: " + text);
  }

  @Override
  public void onBack() {
    screen.say("  the manager is back");
  }
}
