package dev.buildman.agent;

import dev.buildman.agent.config.AgentSettings.Machine;
import dev.buildman.agent.config.Network;
import dev.buildman.agent.config.RegistryVariables;
import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.EngineChoice;
import dev.buildman.agent.engine.buildah.BuildahEngine;
import dev.buildman.agent.engine.buildah.BuildahSettings;
import dev.buildman.agent.engine.buildx.BuildxEngine;
import dev.buildman.agent.engine.buildx.BuildxSettings;
import dev.buildman.agent.engine.docker.DockerEngine;
import dev.buildman.agent.engine.embedded.EmbeddedEngine;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.Certificates;
import dev.buildman.agent.registry.DockerConfig;
import dev.buildman.agent.registry.Mirrors;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.run.Toolbox;
import dev.buildman.agent.runtime.Time;
import dev.buildman.agent.source.SourceLimits;
import dev.buildman.agent.source.Sources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Puts the tools of a build together, by hand. */
final class Wiring {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** The manager ends a build long before; this only bounds what nobody watches any more. */
  private static final Duration LONGEST_COMMAND = Duration.ofHours(24);

  /** By this an executor finds what its worker started. */
  private static final String COOKIE = "BUILDMAN_EXECUTION";

  /** What git and engines get of the worker's environment beside what they need anyway. */
  private static final List<String> HANDED_ON =
      List.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "GIT_SSL_CAINFO");

  /** Where a daemon is and how it is spoken to. */
  private static final List<String> DAEMON =
      List.of("DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "XDG_RUNTIME_DIR");

  /** What buildx is told beside, and where its program may be. */
  private static final List<String> BUILDX =
      Stream.of(
              HANDED_ON.stream(),
              DAEMON.stream(),
              Stream.of("BUILDKIT_HOST", "DOCKER_CONFIG", "HOME"))
          .flatMap(names -> names)
          .toList();

  private final Machine settings;
  private final Map<String, String> variables;
  private final Time time;

  Wiring(Machine settings, Map<String, String> variables, Time time) {
    this.settings = settings;
    this.variables = variables;
    this.time = time;
  }

  Toolbox toolbox() {
    try {
      Network network = Network.of(variables);
      return new Toolbox(
          sources(network),
          new EngineChoice(engines()),
          settings.engine().name(),
          registries(network),
          settings.workDirectory(),
          settings.debug(),
          time.wallClock());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RegistrySettings registries(Network network) throws IOException {
    RegistryVariables known = settings.registries();
    Certificates certificates = new Certificates(known.certificates(), network.bundle());
    RegistrySettings registries =
        RegistrySettings.defaults()
            .withTransport(
                new RegistrySettings.Transport(network.trust(), network.proxies(), certificates))
            .withMirrors(Mirrors.of(known.mirrors()));
    Path credentials = known.credentials();
    return credentials == null
        ? registries
        : registries.withCredentials(
            DockerConfig.read(credentials, processes(), helpersEnvironment(), time.ticker()));
  }

  /** Clouds' helpers read variables of their own; the registration token is none of them. */
  private Map<String, String> helpersEnvironment() {
    Map<String, String> environment = new HashMap<>(variables);
    environment.keySet().removeAll(List.of("TOKEN", "TOKEN_FILE"));
    return environment;
  }

  /** What the engines of this machine can do, at a glance. */
  Set<Ability> abilities() {
    return new EngineChoice(engines()).abilities(settings.engine().name());
  }

  /** The best first. */
  List<BuildEngine> engines() {
    BuildahSettings buildah =
        new BuildahSettings(
            settings.engine().isolation(),
            settings.engine().storageDriver(),
            LONGEST_COMMAND,
            picked(HANDED_ON));
    Map<String, String> daemon = picked(DAEMON);
    List<BuildEngine> alone = List.of(new BuildahEngine(processes(), buildah, time.sleeper()));
    // Podman first: it refuses a daemon of Docker's, while Docker's engine takes either.
    List<BuildEngine> daemons =
        List.of(
            new BuildxEngine(
                processes(), new BuildxSettings(picked(BUILDX), LONGEST_COMMAND), time.sleeper()),
            DockerEngine.podman(daemon, time.sleeper()),
            DockerEngine.docker(daemon, time.sleeper()));
    // A daemon that somebody named is wanted; one in its usual place is not asked before buildah,
    // which needs none and keeps builds apart.
    boolean named =
        Stream.of("DOCKER_HOST", "BUILDKIT_HOST")
            .anyMatch(name -> !variables.getOrDefault(name, "").isEmpty());
    List<BuildEngine> engines = new ArrayList<>(named ? daemons : alone);
    engines.addAll(named ? alone : daemons);
    engines.add(new EmbeddedEngine(time.wallClock(), time.sleeper()));
    return engines;
  }

  private Sources sources(Network network) {
    HttpClient.Builder http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(network.proxies())
            .sslContext(network.trust());
    return new Sources(
        processes(),
        http.build(),
        SourceLimits.defaults(),
        time.ticker(),
        time.sleeper(),
        picked(HANDED_ON));
  }

  Processes processes() {
    return new Processes(
        time.ticker(),
        time.sleeper(),
        new Executables(variables.getOrDefault("PATH", "")),
        picked(List.of(COOKIE)));
  }

  private Map<String, String> picked(List<String> names) {
    Map<String, String> picked = new HashMap<>();
    for (String name : names) {
      String value = variables.get(name);
      if (value != null) {
        picked.put(name, value);
      }
    }
    return picked;
  }
}
