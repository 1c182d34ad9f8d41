package dev.buildman.agent.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A program to run. Arguments may hold secrets, so {@code toString} names the program only.
 *
 * @param argv the program and its arguments, given to it as they are; no shell reads them
 * @param environment all variables that the program gets, beside those that {@link Processes} adds
 * @param directory an existing folder to run in
 * @param timeLimit after it the program and all it started are stopped
 * @param outputLimit bytes of each channel that are handed on; the rest is read and dropped
 * @param input what it finds on its standard input, at most some kilobytes; empty: nothing
 */
public record Command(
    List<String> argv,
    Map<String, String> environment,
    Path directory,
    Duration timeLimit,
    long outputLimit,
    String input) {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  /** Refuses an empty command and arguments that no program can be given. */
  public Command {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("a command needs a program");
    }
    if (argv.stream().anyMatch(argument -> argument.indexOf('\0') >= 0)) {
      throw new IllegalArgumentException("an argument of " + argv.getFirst() + " holds a NUL");
    }
  }

  /** A command whose output is handed on whole. */
  public Command(
      List<String> argv, Map<String, String> environment, Path directory, Duration timeLimit) {
    this(argv, environment, directory, timeLimit, NO_LIMIT, "");
  }

  /** The same with at most this many bytes of each channel handed on. */
  public Command withOutputLimit(long bytes) {
    return new Command(argv, environment, directory, timeLimit, bytes, input);
  }

  /** The same with this on its standard input. */
  public Command withInput(String text) {
    return new Command(argv, environment, directory, timeLimit, outputLimit, text);
  }

  /** The program's name without its folder. */
  public String program() {
    return String.valueOf(Path.of(argv.getFirst()).getFileName());
  }

  @Override
  public String toString() {
    return "Command[" + program() + " with " + (argv.size() - 1) + " arguments]";
  }
}
