package dev.buildman.agent;

import dev.buildman.agent.config.AgentSettings;
import dev.buildman.agent.config.Environment;
import dev.buildman.agent.config.EnvironmentReading;
import dev.buildman.agent.link.ManagerLink;
import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.run.BuildRun;
import dev.buildman.agent.run.Capabilities;
import dev.buildman.agent.run.Outcome;
import dev.buildman.agent.run.Termination;
import dev.buildman.agent.runtime.Time;
import dev.buildman.agent.usage.UsageMeter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The agent's program: runs the one build that its token stands for, then exits. */
public final class BuilderAgent {
  /** sysexits: EX_SOFTWARE, EX_CONFIG. */
  private static final int INTERNAL_ERROR = 70;

  static final int INVALID_ENVIRONMENT = 78;

  /** EX_USAGE, EX_UNAVAILABLE. */
  static final int WRONG_USAGE = 64;

  static final int UNAVAILABLE = 69;

  /** For what a build leaves behind when the worker is told to end; executors wait longer. */
  private static final long FAREWELL_SECONDS = 20;

  private static final String HELP =
      """
      builder-agent              runs one build for a build manager, then exits
      builder-agent check        says what this machine can build with and reach
      builder-agent build ...    runs one build without a manager; build --help says how

      Environment:
        SERVER               the manager's address for agents, host:port
        TOKEN_FILE, TOKEN    the registration token, as a file or in the variable
        TLS_CERT_PATH        PEM file of the authorities to trust (also: CA_CERT)
        INSECURE             true: no TLS, unless there is a certificate
        CONTAINER_RUNTIME    the engine: auto (default), buildah, podman, docker or embedded
        BUILDAH_ISOLATION    of RUN: chroot (default), oci or rootless
        STORAGE_DRIVER       buildah's: auto (default), overlay or vfs
        RECONNECT_WINDOW     how long to go on without a manager, in seconds (default 300)
        TMPDIR               where to work; sources and layers need room
        HTTP_PROXY, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE
                             for sources and registries
        REGISTRY_AUTH_FILE   credentials for what a build brings none for, as Docker or Podman
                             writes them, helpers too (also: config.json in DOCKER_CONFIG)
        REGISTRY_CERTS_DIR   certificates of single registries (default: certs.d of
                             /etc/containers and /etc/docker)
        REGISTRY_MIRRORS     docker.io=mirror:5000/hub,... to pull from first
        DEBUG                true: log more, keep the work folder

      Exit status:
        0    the image is in the registry
        1    the build failed, and the manager knows why
        3    the manager ended the session: cancelled, expired, or built elsewhere
        4    there is no build for this token
        5    no manager answered within the reconnect window
        64   the command line is wrong
        69   no JDK that fits; check: no engine works
        70   a fault of the agent
        78   the environment is wrong; standard error says what
        143  ended by SIGTERM
      """;

  private BuilderAgent() {}

  /** Runs the build and exits. */
  public static void main(String[] args) {
    CountDownLatch done = new CountDownLatch(1);
    Termination termination = new Termination(Thread.currentThread());
    endOnSignal(termination, done);
    int status = INTERNAL_ERROR;
    try {
      status =
          args.length == 0
              ? run(System.getenv(), termination)
              : command(args[0], List.of(args).subList(1, args.length), termination);
    } catch (RuntimeException | IOException e) {
      System.err.println("builder-agent: " + e);
    } finally {
      done.countDown();
    }
    System.exit(status);
  }

  private static int command(String name, List<String> arguments, Termination termination)
      throws IOException {
    switch (name) {
      case "check":
        return new CheckCommand(System.getenv(), System.out).run(arguments);
      case "build":
        return new BuildCommand(System.getenv(), System.out, System.err)
            .run(arguments, termination);
      case "rehearse":
        return rehearse(arguments, termination);
      case "--version":
        System.out.println("builder-agent " + version());
        return 0;
      case "--help":
        System.out.print(HELP);
        return 0;
      default:
        System.err.println("builder-agent: there is no command " + name + "; see --help");
        return WRONG_USAGE;
    }
  }

  /** A build on each of these engines in one process: what the start cache is made by. */
  private static int rehearse(List<String> engines, Termination termination) throws IOException {
    int worst = 0;
    for (String engine : engines) {
      Map<String, String> variables = new HashMap<>(System.getenv());
      variables.put("CONTAINER_RUNTIME", engine);
      worst = Math.max(worst, run(variables, termination));
    }
    return worst;
  }

  /** On SIGTERM: stops the build, and gives it time to end what it started. */
  private static void endOnSignal(Termination termination, CountDownLatch done) {
    Thread hook =
        new Thread(
            () -> {
              if (done.getCount() > 0) {
                termination.request();
                awaitEnd(done);
              }
            },
            "terminate");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void awaitEnd(CountDownLatch done) {
    try {
      if (!done.await(FAREWELL_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("builder-agent: the build did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int run(Map<String, String> variables, Termination termination)
      throws IOException {
    // Without a switch over patterns: see Channels.
    EnvironmentReading<AgentSettings> reading = Environment.read(variables);
    if (reading instanceof EnvironmentReading.Valid<AgentSettings>(AgentSettings settings)) {
      if (settings.machine().debug()) {
        // In time: nobody has asked for a logger yet.
        System.setProperty("org.slf4j.simpleLogger.log.dev.buildman", "debug");
      }
      return build(settings, variables, termination).exitStatus();
    }
    if (reading instanceof EnvironmentReading.Invalid<AgentSettings>(List<String> problems)) {
      problems.forEach(problem -> System.err.println("builder-agent: " + problem));
    }
    return INVALID_ENVIRONMENT;
  }

  private static Outcome build(
      AgentSettings settings, Map<String, String> variables, Termination termination)
      throws IOException {
    Time time = Time.system();
    Wiring wiring = new Wiring(settings.machine(), variables, time);
    Introduction introduction =
        new Introduction(
            settings.registrationToken(),
            version(),
            hostname(),
            Capabilities.with(wiring.abilities()));
    try (ManagerLink link =
        ManagerLink.open(
            settings.manager(), introduction.version(), settings.reconnectWindow(), time)) {
      return new BuildRun(
              link,
              introduction,
              wiring::toolbox,
              time.ticker(),
              termination,
              UsageMeter.of(settings.machine().workDirectory(), time.ticker()))
          .run();
    }
  }

  private static String version() {
    String version = BuilderAgent.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** For people who look for a worker. Not by the name service, which could be slow or away. */
  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
