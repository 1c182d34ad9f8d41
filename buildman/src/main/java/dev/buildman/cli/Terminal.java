package dev.buildman.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * All that a command sees of the world around it.
 *
 * @param out what was asked for: results, logs, JSON
 * @param err everything else: progress, warnings, errors
 * @param live whether a person watches both on a terminal
 */
public record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean live,
    Map<String, String> environment,
    InstantSource clock) {

  /** This process's own. */
  public static Terminal system() {
    Console console = System.console();
    boolean live = console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
    // Whatever the locale: logs are UTF-8, and a '?' for every other letter helps nobody.
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    return new Terminal(System.in, out, err, live, System.getenv(), InstantSource.system());
  }

  /** A variable of the environment that is set and not empty. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** One line to {@link #err}, as every complaint begins. */
  public void complain(String text) {
    err.println("buildman: " + text);
  }
}
