package dev.buildman.agent.process;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs. Each runs in a session of its own, with nothing but its command's input to read,
 * and when {@link #run} returns, by whatever way, nothing that it started is left: not its children
 * in the background either.
 */
public final class Processes {
  /** Between a request to end and the end by force, when the time of a program is over. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** The same when our own end is asked for, which must come within a second. */
  private static final Duration SHORT_GRACE = Duration.ofMillis(500);

  /** How often a running program's children are noted; what lives shorter and hides is not seen. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** For the end of the output once the program is gone. */
  private static final Duration DRAIN = Duration.ofSeconds(2);

  private final Ticker ticker;
  private final Sleeper sleeper;
  private final Executables executables;
  private final Map<String, String> always;

  /**
   * @param always variables that every program gets over those of its command, as the cookie by
   *     which an executor finds what its worker started
   */
  public Processes(
      Ticker ticker, Sleeper sleeper, Executables executables, Map<String, String> always) {
    this.ticker = ticker;
    this.sleeper = sleeper;
    this.executables = executables;
    this.always = Map.copyOf(always);
  }

  /** The program of this name, or empty when the machine has none. */
  public Optional<Path> find(String program) {
    return executables.find(program);
  }

  /**
   * Runs a program to its end.
   *
   * @throws IOException when it cannot be started; the message names the program
   * @throws InterruptedException when the thread was interrupted: all was stopped within a second
   * @throws RuntimeException what the sink threw: all was stopped then too
   */
  public Exit run(Command command, OutputSink sink) throws IOException, InterruptedException {
    Optional<Path> setsid = executables.find("setsid");
    Process process = start(command, setsid);
    ProcessTree tree = new ProcessTree(process.toHandle(), setsid.isPresent(), ticker, sleeper);
    Pump out =
        Pump.start(
            process.getInputStream(),
            Channel.STDOUT,
            sink,
            command.outputLimit(),
            command.program());
    Pump err =
        Pump.start(
            process.getErrorStream(),
            Channel.STDERR,
            sink,
            command.outputLimit(),
            command.program());
    Exit exit;
    try {
      exit = await(process, tree, command.timeLimit(), List.of(out, err));
    } catch (InterruptedException | RuntimeException e) {
      tree.stop(SHORT_GRACE);
      close(out, err);
      throw e;
    }
    tree.stop(GRACE);
    finish(out, err);
    throwFaults(List.of(out, err));
    return exit;
  }

  private Process start(Command command, Optional<Path> setsid) throws IOException {
    List<String> argv = new ArrayList<>();
    setsid.ifPresent(path -> argv.add(path.toString()));
    argv.add(resolve(command.argv().getFirst()));
    argv.addAll(command.argv().subList(1, command.argv().size()));
    ProcessBuilder builder = new ProcessBuilder(argv).directory(command.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    builder.environment().putAll(always);
    if (command.input().isEmpty()) {
      builder.redirectInput(new File("/dev/null"));
      return builder.start();
    }
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      // Less than a pipe holds, so this does not wait for the program.
      in.write(command.input().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading; its own words and status say why.
      return process;
    }
    return process;
  }

  private String resolve(String program) throws IOException {
    if (program.indexOf('/') >= 0) {
      return program;
    }
    return executables
        .find(program)
        .map(Path::toString)
        .orElseThrow(() -> new IOException("there is no program " + program + " on this machine"));
  }

  private Exit await(Process process, ProcessTree tree, Duration limit, List<Pump> pumps)
      throws InterruptedException {
    long start = ticker.nanos();
    while (true) {
      Duration left = limit.minus(ticker.since(start));
      Duration step = left.compareTo(LOOK) < 0 ? left : LOOK;
      if (process.waitFor(Math.max(step.toMillis(), 1), TimeUnit.MILLISECONDS)) {
        return new Exit(process.exitValue(), false);
      }
      tree.look();
      throwFaults(pumps);
      if (ticker.since(start).compareTo(limit) >= 0) {
        tree.stop(GRACE);
        process.waitFor();
        return new Exit(process.exitValue(), true);
      }
    }
  }

  private static void throwFaults(List<Pump> pumps) {
    for (Pump pump : pumps) {
      RuntimeException fault = pump.fault();
      if (fault != null) {
        throw fault;
      }
    }
  }

  private static void finish(Pump out, Pump err) throws InterruptedException {
    try {
      out.finish(DRAIN);
      err.finish(DRAIN);
    } finally {
      close(out, err);
    }
  }

  private static void close(Pump out, Pump err) {
    out.close();
    err.close();
  }
}
