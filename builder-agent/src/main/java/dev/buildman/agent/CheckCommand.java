package dev.buildman.agent;

import dev.buildman.agent.config.AgentSettings.Machine;
import dev.buildman.agent.config.Environment;
import dev.buildman.agent.config.EnvironmentReading;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Time;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * {@code builder-agent check}: which engines, tools, privileges and registries the agent can use on
 * this machine, and why not. Changes nothing.
 */
final class CheckCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What else a build may need, and for what. */
  private static final Map<String, String> TOOLS = new LinkedHashMap<>();

  static {
    TOOLS.put("git", "sources in git");
    TOOLS.put("git-lfs", "large files in git");
    TOOLS.put("ssh", "git over ssh");
    TOOLS.put("setsid", "ending all that a tool started");
    TOOLS.put("newuidmap", "buildah without root");
    TOOLS.put("fuse-overlayfs", "buildah without root, quick layers");
  }

  private final Map<String, String> variables;
  private final PrintStream out;

  CheckCommand(Map<String, String> variables, PrintStream out) {
    this.variables = variables;
    this.out = out;
  }

  /**
   * Looks and tells.
   *
   * @param arguments registries to reach, each as {@code host[:port]}
   * @return 0 when an engine works and everything that was named is reached
   */
  int run(List<String> arguments) {
    if (arguments.contains("--help")) {
      out.println(
          "builder-agent check [REGISTRY[:PORT]]...   status 0: an engine works and all answer");
      return 0;
    }
    EnvironmentReading<Machine> reading = Environment.readMachine(variables);
    if (reading instanceof EnvironmentReading.Invalid<Machine>(List<String> problems)) {
      problems.forEach(problem -> tell(false, "environment", problem));
      return BuilderAgent.INVALID_ENVIRONMENT;
    }
    boolean works = false;
    if (reading instanceof EnvironmentReading.Valid<Machine>(Machine machine)) {
      works = engines(machine);
      disk(machine.workDirectory());
    }
    tools();
    privileges();
    tell(true, "java", Runtime.version() + " in " + System.getProperty("java.home"));
    startCache();
    boolean reached = true;
    if (reading instanceof EnvironmentReading.Valid<Machine>(Machine machine)) {
      for (String registry : arguments) {
        reached &= speaks(machine, registry);
      }
    }
    String server = variables.getOrDefault("SERVER", "");
    reached &= server.isEmpty() || reach(server);
    return works && reached ? 0 : BuilderAgent.UNAVAILABLE;
  }

  private void tell(boolean good, String what, String how) {
    out.printf("%-4s %-23s %s%n", good ? "ok" : "no", what, how);
  }

  private boolean engines(Machine machine) {
    String wanted = machine.engine().name();
    boolean works = false;
    for (BuildEngine engine : new Wiring(machine, variables, Time.system()).engines()) {
      try {
        EngineCheck check = engine.check();
        if (check instanceof EngineCheck.Unable(String why, String remedy)) {
          tell(false, "engine " + engine.name(), why + (remedy.isEmpty() ? "" : "; " + remedy));
        } else {
          works |= wanted.equals("auto") || wanted.equals(engine.name());
          tell(
              true,
              "engine " + engine.name(),
              engine.abilities().stream()
                  .map(Object::toString)
                  .sorted()
                  .collect(Collectors.joining(", ")));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    if (!works) {
      tell(false, "CONTAINER_RUNTIME", wanted + ": no such engine works here");
    }
    return works;
  }

  private void disk(Path folder) {
    try {
      FileStore store = Files.getFileStore(folder);
      tell(
          true,
          "work folder",
          folder + " (" + store.type() + "), " + (store.getUsableSpace() >> 20) + " MiB free");
    } catch (IOException e) {
      tell(false, "work folder", folder + ": " + e.getMessage());
    }
  }

  private void tools() {
    Executables programs = new Executables(variables.getOrDefault("PATH", ""));
    TOOLS.forEach(
        (name, purpose) -> {
          Optional<Path> found = programs.find(name);
          tell(
              found.isPresent(),
              name,
              found.map(Path::toString).orElse("missing") + ": " + purpose);
        });
  }

  private void privileges() {
    boolean root = read(Path.of("/proc/self/status")).contains("\nUid:\t0\t");
    tell(root, "root", root ? "the agent runs as root" : "the agent runs as an ordinary user");
    String spaces = read(Path.of("/proc/sys/user/max_user_namespaces")).strip();
    boolean possible = !spaces.isEmpty() && !spaces.equals("0");
    tell(possible, "user namespaces", possible ? "at most " + spaces : "not allowed here");
    boolean groups = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    tell(
        groups,
        "control groups",
        groups ? "version 2" : "no version 2: usage is read of processes");
  }

  private void startCache() {
    // The launcher tells, which has asked the JVM.
    String state = System.getProperty("buildman.start.cache", "");
    tell(
        state.equals("used"),
        "start cache",
        switch (state) {
          case "used" -> "classes are loaded and linked ahead of time";
          case "unusable" -> "made for another JDK than the one that runs: builds start slower";
          default -> "there is none beside this program: builds start slower";
        });
  }

  /** By a question that any registry answers: for an image that it need not have. */
  private boolean speaks(Machine machine, String registry) {
    String what = "registry " + registry;
    Time time = Time.system();
    RegistrySettings settings =
        new Wiring(machine, variables, time).toolbox().registries().withTries(1);
    try (RegistryClient client =
        new RegistryClient(settings, CredentialStore.of(Map.of()), time.sleeper())) {
      client.digest(ImageReference.parse(registry + "/library/check:none"));
      tell(true, what, "answers");
      return true;
    } catch (RegistryException | IllegalArgumentException e) {
      tell(false, what, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  private boolean reach(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? address : address.substring(0, colon);
    try (Socket socket = new Socket()) {
      int port = colon < 0 ? 443 : Integer.parseInt(address.substring(colon + 1));
      socket.connect(new InetSocketAddress(host, port), (int) PATIENCE.toMillis());
      tell(true, "manager " + address, "reached");
      return true;
    } catch (IOException | IllegalArgumentException e) {
      tell(false, "manager " + address, "not reached: " + e.getMessage());
      return false;
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
