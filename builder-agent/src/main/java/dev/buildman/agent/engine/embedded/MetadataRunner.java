package dev.buildman.agent.engine.embedded;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Expansion;
import dev.buildman.agent.dockerfile.HealthProbe;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.PathPattern;
import dev.buildman.agent.dockerfile.PortSpec;
import dev.buildman.agent.dockerfile.StageScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the instructions that only change the configuration of the image. */
final class MetadataRunner {

  private final ImageConfig config;
  private final StageScope scope;
  private final Instant created;
  private boolean commandSet;

  MetadataRunner(ImageConfig config, StageScope scope, Instant created) {
    this.config = config;
    this.scope = scope;
    this.created = created;
  }

  void run(Instruction instruction) throws DockerfileException {
    apply(instruction);
    config.addHistory(instruction.text(), created);
  }

  /**
   * Sets the working directory and returns its path in the image; the folder and the history are
   * the caller's.
   */
  String workdir(Instruction.Workdir instruction) throws DockerfileException {
    String path = scope.expansion().word(instruction.path(), instruction.line());
    if (path.isEmpty()) {
      throw new DockerfileException(
          instruction.line(), "WORKDIR is empty after variables were replaced.");
    }
    String absolute =
        PathPattern.clean(path.startsWith("/") ? path : config.get("WorkingDir") + "/" + path);
    config.put("WorkingDir", "/" + absolute);
    return absolute;
  }

  private void apply(Instruction instruction) throws DockerfileException {
    Expansion expansion = scope.expansion();
    int line = instruction.line();
    switch (instruction) {
      case Instruction.Arg arg -> scope.declare(arg);
      case Instruction.Env env -> {
        scope.set(env);
        config.environment(scope.environment());
      }
      case Instruction.Label label -> config.addLabels(scope.pairs(label.labels(), line));
      case Instruction.User user -> config.put("User", expansion.word(user.user(), line));
      case Instruction.StopSignal signal ->
          config.put("StopSignal", signal(expansion.word(signal.signal(), line), line));
      case Instruction.Maintainer maintainer -> config.author(maintainer.name());
      case Instruction.Expose expose -> expose(expansion.words(expose.ports(), line), line);
      case Instruction.Volume volume -> volumes(volume, expansion);
      case Instruction.Shell shell -> config.putAll("Shell", shell.words());
      case Instruction.Cmd cmd -> {
        config.putAll("Cmd", words(cmd.command()));
        commandSet = true;
      }
      case Instruction.Entrypoint entrypoint -> entrypoint(entrypoint);
      case Instruction.Healthcheck healthcheck ->
          config.put("Healthcheck", probe(healthcheck.probe()));
      case Instruction.OnBuild onBuild -> config.addTrigger(onBuild.trigger());
      default ->
          throw new IllegalArgumentException("changes more than metadata: " + instruction.text());
    }
  }

  private void entrypoint(Instruction.Entrypoint entrypoint) {
    List<String> words = words(entrypoint.command());
    if (words.isEmpty()) {
      config.clear("Entrypoint");
    } else {
      config.putAll("Entrypoint", words);
    }
    // The base image's command belongs to its own entry point.
    if (!commandSet) {
      config.clear("Cmd");
    }
  }

  private List<String> words(Instruction.Command command) {
    if (command.exec() || command.words().isEmpty()) {
      return command.words();
    }
    List<String> words = new ArrayList<>(config.shell());
    words.addAll(command.words());
    return words;
  }

  private void expose(List<String> specs, int line) throws DockerfileException {
    List<String> ports = new ArrayList<>();
    for (String spec : specs) {
      ports.addAll(PortSpec.ports(spec, line));
    }
    config.addNames("ExposedPorts", ports);
  }

  private void volumes(Instruction.Volume volume, Expansion expansion) throws DockerfileException {
    List<String> paths = new ArrayList<>();
    for (String path : volume.paths()) {
      String expanded = expansion.word(path, volume.line());
      if (expanded.isBlank()) {
        throw new DockerfileException(
            volume.line(), "VOLUME " + path + " is empty after variables were replaced.");
      }
      paths.add(expanded);
    }
    config.addNames("Volumes", paths);
  }

  private static String signal(String signal, int line) throws DockerfileException {
    if (!signal.matches("[1-9][0-9]?|(SIG)?[A-Z]{2,7}([0-9+-]+)?")) {
      throw new DockerfileException(
          line, "STOPSIGNAL " + signal + " is no signal; write SIGTERM or its number.");
    }
    return signal;
  }

  private ObjectNode probe(HealthProbe probe) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    Instruction.Command command = probe.command();
    if (command == null) {
      object.putArray("Test").add("NONE");
      return object;
    }
    var test = object.putArray("Test").add(command.exec() ? "CMD" : "CMD-SHELL");
    command.words().forEach(test::add);
    put(object, "Interval", probe.interval());
    put(object, "Timeout", probe.timeout());
    put(object, "StartPeriod", probe.startPeriod());
    put(object, "StartInterval", probe.startInterval());
    if (probe.retries() > 0) {
      object.put("Retries", probe.retries());
    }
    return object;
  }

  private static void put(ObjectNode object, String field, @Nullable Duration duration) {
    if (duration != null && !duration.isZero()) {
      object.put(field, duration.toNanos());
    }
  }
}
