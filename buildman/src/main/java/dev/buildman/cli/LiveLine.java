package dev.buildman.cli;

import dev.buildman.proto.v1.Build;
import dev.buildman.runtime.Threads;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The last line of a terminal, drawn anew each half second with the time gone by. Thread-safe. */
final class LiveLine implements AutoCloseable {

  // Without automatic wrapping a line that is too long is cut, not spread over two that stay.
  private static final String BEGIN = "\r\u001b[K\u001b[?7l";
  private static final String END = "\u001b[?7h";
  private static final String CLEAR = "\r\u001b[K";
  private static final Duration REFRESH = Duration.ofMillis(500);
  private static final String[] SPINNER = {"⠋", "⠙", "⠸", "⠴", "⠦", "⠇"};

  private final PrintStream err;
  private final InstantSource clock;
  private final Thread refresher;
  private @Nullable Build build;
  private int turn;
  private boolean closed;

  LiveLine(Terminal terminal) {
    this.err = terminal.err();
    this.clock = terminal.clock();
    this.refresher = Threads.start("live-line", this::refresh);
  }

  private void refresh() {
    try {
      while (true) {
        Thread.sleep(REFRESH);
        draw();
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  synchronized void show(Build now) {
    build = now;
    draw();
  }

  synchronized void draw() {
    Build now = build;
    if (now == null || closed) {
      return;
    }
    turn = (turn + 1) % SPINNER.length;
    String age = Words.span(Words.age(now, clock.instant()));
    err.print(BEGIN + SPINNER[turn] + " " + age + "  " + Progress.line(now) + END);
    err.flush();
  }

  synchronized void clear() {
    if (build != null && !closed) {
      err.print(CLEAR);
      err.flush();
    }
  }

  @Override
  public synchronized void close() {
    clear();
    closed = true;
    refresher.interrupt();
  }
}
