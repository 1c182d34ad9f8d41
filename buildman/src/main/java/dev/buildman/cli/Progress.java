package dev.buildman.cli;

import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.Phase;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows a followed build to people: the log on standard output, where it stands on standard error.
 * On a terminal the last line is kept up to date; elsewhere each change is a line.
 */
final class Progress implements Follower, AutoCloseable {

  // The phases already say these; the rest of a history is news.
  private static final Set<String> SAID_BY_PHASES =
      Set.of(
          "ENQUEUED",
          "CLAIMED",
          "ATTEMPT_STARTED",
          "LAUNCHED",
          "REGISTERED",
          "PHASE_CHANGED",
          "COMPLETED",
          "CANCELLED",
          "CANCELLED_WHILE_PUSHING");

  private final Terminal terminal;
  private final boolean quiet;
  private final LogLines log;
  private final @Nullable LiveLine live;
  private @Nullable Build last;
  private boolean away;

  private Progress(Terminal terminal, boolean quiet, @Nullable LiveLine live) {
    this.terminal = terminal;
    this.quiet = quiet;
    this.live = live;
    this.log = new LogLines(terminal);
  }

  static Progress of(Terminal terminal, boolean quiet) {
    return new Progress(terminal, quiet, terminal.live() && !quiet ? new LiveLine(terminal) : null);
  }

  @Override
  public void onBuild(Build build) {
    Build before = last;
    last = build;
    if (quiet || Words.isTerminal(build.getPhase())) {
      return;
    }
    if (live != null) {
      live.show(build);
    } else if (before == null || !line(before).equals(line(build))) {
      log.end();
      terminal.err().println(line(build));
    }
  }

  /** Where it stands, in a line. */
  static String line(Build build) {
    StringBuilder line = new StringBuilder(Words.phase(build.getPhase()));
    if (build.getAttempt() > 1) {
      line.append(", attempt ").append(build.getAttempt());
    }
    if (build.getPhase() == Phase.PHASE_WAITING) {
      if (build.getQueuePosition() > 1) {
        line.append(", %d before it".formatted(build.getQueuePosition() - 1));
      }
      if (!build.getReasonText().isEmpty()) {
        line.append(": ").append(build.getReasonText());
      }
    } else if (build.hasWorker() && build.getPhase() == Phase.PHASE_BUILD_SCHEDULED) {
      line.append(" on ").append(build.getWorker().getExecutor());
    }
    return line.toString();
  }

  @Override
  public void onEvents(List<Event> events) {
    for (Event event : events) {
      if (!quiet && !isSaid(event.getReason())) {
        above(event.getReason() + ": " + event.getText());
      }
    }
  }

  private boolean isSaid(String reason) {
    // What stands on the build is in the line about it.
    boolean standing = last != null && last.getReason().equals(reason);
    return standing || SAID_BY_PHASES.contains(reason);
  }

  @Override
  public void onLog(long index, List<LogEntry> entries) {
    if (quiet) {
      return;
    }
    if (live != null) {
      live.clear();
    }
    for (LogEntry entry : entries) {
      // The phase is in the line below, or has had a line of its own.
      if (!entry.getType().equals("phase")) {
        log.print(entry);
      }
    }
    if (live != null) {
      log.end();
      live.draw();
    }
  }

  @Override
  public void onAway(String text) {
    if (!away) {
      above(text + "; trying again");
    }
    away = true;
  }

  @Override
  public void onBack() {
    away = false;
    above("the manager is back");
  }

  /** A line that stays, above the live one. */
  private void above(String text) {
    if (live != null) {
      live.clear();
    }
    log.end();
    terminal.err().println(text);
    if (live != null) {
      live.draw();
    }
  }

  /** The end: what came out of it, and what to do when it went wrong. */
  void result(Build build) {
    close();
    log.end();
    if (quiet && build.getPhase() == Phase.PHASE_COMPLETE) {
      build.getResult().getDigestsList().forEach(terminal.out()::println);
      return;
    }
    String took = Words.span(Words.age(build, terminal.clock().instant()));
    if (build.getPhase() == Phase.PHASE_COMPLETE) {
      String digest =
          build.getResult().getDigestsCount() == 0 ? "" : "@" + build.getResult().getDigests(0);
      terminal.err().println("complete in %s: %s%s".formatted(took, Words.image(build), digest));
      return;
    }
    terminal
        .err()
        .println(
            "%s after %s, %s: %s"
                .formatted(
                    Words.phase(build.getPhase()), took, build.getReason(), build.getReasonText()));
    Advice.after(build).ifPresent(terminal.err()::println);
  }

  @Override
  public void close() {
    if (live != null) {
      live.close();
    }
  }
}
