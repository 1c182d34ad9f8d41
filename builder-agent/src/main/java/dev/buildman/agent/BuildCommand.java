package dev.buildman.agent;

import dev.buildman.agent.config.AgentSettings.Machine;
import dev.buildman.agent.config.Environment;
import dev.buildman.agent.config.EnvironmentReading;
import dev.buildman.agent.layout.LayoutReceiver;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.logship.LogText;
import dev.buildman.agent.run.BuildArguments;
import dev.buildman.agent.run.BuildArguments.Asked;
import dev.buildman.agent.run.LocalBuild;
import dev.buildman.agent.run.Outcome;
import dev.buildman.agent.run.Termination;
import dev.buildman.agent.runtime.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code builder-agent build}: one build without a manager, for people and for CI. */
final class BuildCommand {
  static final String HELP =
      """
      builder-agent build [OPTION]... SOURCE

      Builds an image without a manager, by the agent's own engines.
      SOURCE: a folder, the URL of an archive or Dockerfile, or a git repository (URL.git#BRANCH).

        -t, --tag NAME[:TAG]       name of the image; repeat for more tags of one repository
        -f, --file PATH            the Dockerfile (default: Dockerfile in the source)
            --build-arg NAME=VALUE, --label NAME=VALUE, --target STAGE, --platform LIST,
            --no-cache, --secret id=NAME,src=FILE
            --push                 push to the tags; credentials from REGISTRY_AUTH_FILE
        -o, --output FOLDER        write an OCI image layout instead
            --insecure-registry HOST[:PORT]

      Of the environment it heeds what an agent heeds: builder-agent --help.
      Exit status: 0 built, 1 the build failed, 64 and 78 as of an agent, 143 ended by SIGTERM.
      """;

  private final Map<String, String> variables;
  private final PrintStream out;
  private final PrintStream err;

  BuildCommand(Map<String, String> variables, PrintStream out, PrintStream err) {
    this.variables = variables;
    this.out = out;
    this.err = err;
  }

  /** Builds on this thread; returns the exit status. */
  int run(List<String> arguments, Termination termination) throws IOException {
    if (arguments.contains("--help")) {
      out.print(HELP);
      return 0;
    }
    Asked asked;
    try {
      asked = BuildArguments.read(arguments);
    } catch (BuildArguments.Wrong e) {
      err.println("builder-agent build: " + e.getMessage());
      return BuilderAgent.WRONG_USAGE;
    }
    return switch (Environment.readMachine(variables)) {
      case EnvironmentReading.Valid<Machine>(Machine machine) -> build(asked, machine);
      case EnvironmentReading.Invalid<Machine>(List<String> problems) -> {
        problems.forEach(problem -> err.println("builder-agent build: " + problem));
        yield BuilderAgent.INVALID_ENVIRONMENT;
      }
    };
  }

  private int build(Asked asked, Machine machine) throws IOException {
    // What is told to people; the agent's own events are an operator's.
    if (!machine.debug()) {
      System.setProperty("org.slf4j.simpleLogger.log.dev.buildman", "warn");
    }
    LocalBuild.Folder folder = folder(asked);
    if (asked.folder() != null && folder == null) {
      return BuilderAgent.WRONG_USAGE;
    }
    Time time = Time.system();
    LocalBuild build =
        new LocalBuild(new Wiring(machine, variables, time).toolbox(), sink(), time.ticker());
    Path output = asked.output();
    if (output == null) {
      return build.run(asked.order(folder)).exitStatus();
    }
    try (LayoutReceiver layout = new LayoutReceiver(output)) {
      Outcome outcome = build.run(asked.order(folder, layout.registry()));
      if (outcome == Outcome.COMPLETE) {
        layout.finish();
        out.println("Written to " + output);
      }
      return outcome.exitStatus();
    }
  }

  private LocalBuild.@Nullable Folder folder(Asked asked) {
    Path folder = asked.folder();
    if (folder == null) {
      return null;
    }
    String name = asked.dockerfile();
    // As other builders have it: from where one is, or from the context.
    Path here = Path.of(name.isEmpty() ? "Dockerfile" : name).toAbsolutePath().normalize();
    Path inContext = folder.resolve(name.isEmpty() ? "Dockerfile" : name).normalize();
    Path file = Files.isRegularFile(inContext) || name.isEmpty() ? inContext : here;
    if (!Files.isRegularFile(file)) {
      err.println("builder-agent build: " + file + " is not a file; name the Dockerfile with -f");
      return null;
    }
    return new LocalBuild.Folder(folder, file);
  }

  private LogShipper.Sink sink() {
    return lines -> {
      for (String line : lines) {
        out.print(LogText.of(line));
      }
      out.flush();
    };
  }
}
