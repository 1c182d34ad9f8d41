package dev.buildman.agent.source;

import dev.buildman.agent.process.Capture;
import dev.buildman.agent.process.Channel;
import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.Lines;
import dev.buildman.agent.process.OutputSink;
import dev.buildman.agent.process.Processes;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Runs git commands in one environment; what git says on its error channel goes to the log. */
final class Git {
  private static final int MAX_OUTPUT = 1 << 20;
  private static final int MAX_LINE = 1000;
  private static final int MAX_WORDS = 3; // lines
  private static final List<String> ADVICE =
      List.of(
          "Warning: Permanently added",
          "Please make sure you have the correct access rights",
          "and the repository exists.");

  /**
   * How a command ended.
   *
   * @param output of its standard output
   * @param errors of its standard error
   */
  record Result(Exit exit, String output, String errors) {
    boolean ok() {
      return exit.ok();
    }

    /** What git, and ssh before it, said of the fault: the first lines that are no advice. */
    String words() {
      String words =
          errors
              .lines()
              .map(String::strip)
              .filter(line -> !line.isEmpty() && ADVICE.stream().noneMatch(line::startsWith))
              .limit(MAX_WORDS)
              .map(line -> line.replaceFirst("^fatal: ", ""))
              .collect(Collectors.joining("; "));
      return words.isEmpty() ? exit.describe() : words;
    }

    boolean says(String words) {
      return errors.contains(words);
    }
  }

  private final Processes processes;
  private final GitEnvironment environment;
  private final Budget budget;
  private final SourceLog log;

  Git(Processes processes, GitEnvironment environment, Budget budget, SourceLog log) {
    this.processes = processes;
    this.environment = environment;
    this.budget = budget;
    this.log = log;
  }

  /**
   * @param directory to run in
   * @throws SourceFailure when git cannot be started or the source's time is over
   */
  Result run(Path directory, String... arguments) throws SourceFailure, InterruptedException {
    budget.alive();
    List<String> argv = new ArrayList<>();
    argv.add("git");
    argv.addAll(environment.options());
    argv.addAll(List.of(arguments));
    Capture capture = new Capture(MAX_OUTPUT);
    Lines lines = new Lines(MAX_LINE, (channel, line) -> log.line(line));
    Command command = new Command(argv, environment.variables(), directory, budget.left());
    try {
      Exit exit = processes.run(command, tee(capture, lines));
      if (exit.timedOut()) {
        throw new SourceFailure(
            FailureCode.GIT_FAILURE,
            "git %s took longer than the %d s that a source may take"
                .formatted(arguments[0], budget.limits().time().toSeconds()));
      }
      return new Result(exit, capture.stdout(), capture.stderr());
    } catch (IOException e) {
      throw new SourceFailure(
          FailureCode.INTERNAL_ERROR,
          "git cannot be run on the worker (the Debian package git brings it): " + e.getMessage(),
          e);
    }
  }

  private static OutputSink tee(Capture capture, Lines errors) {
    return new OutputSink() {
      @Override
      public void accept(Channel channel, String text) {
        capture.accept(channel, text);
        if (channel == Channel.STDERR) {
          errors.accept(channel, text);
        }
      }

      @Override
      public void end(Channel channel) {
        errors.end(channel);
      }
    };
  }
}
