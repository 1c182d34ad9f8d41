package dev.buildman.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Runs the command line as a process would be run, with its own streams and environment. */
final class CliRun {

  private final Map<String, String> environment = new HashMap<>();
  private InstantSource clock = InstantSource.system();
  private boolean live;
  private String input = "";
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  CliRun server(String address) {
    return with("BUILDMAN_SERVER", address);
  }

  CliRun with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** On a terminal. */
  CliRun live() {
    live = true;
    return this;
  }

  CliRun input(String text) {
    input = text;
    return this;
  }

  CliRun clock(Supplier<Instant> now) {
    clock = now::get;
    return this;
  }

  /** What a run that goes on has said on standard error so far. */
  String errSoFar() {
    return err.toString(UTF_8);
  }

  /** What a run came to. */
  record Ran(int status, String out, String err) {}

  Ran run(String... arguments) {
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            live,
            Map.copyOf(environment),
            clock);
    int status = Cli.commandLine(terminal).execute(arguments);
    return new Ran(status, out.toString(UTF_8), err.toString(UTF_8));
  }
}
