package dev.buildman.executor.boot;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Writes down how a machine becomes one worker: it pulls the agent's image, runs it once, and
 * switches itself off when the agent has ended, or when it is older than any build may be. No
 * secret is in it but the registration token and the credentials of the agent's image (E12).
 */
public final class Machine {
  /** What the console shows when the agent has ended, before its exit status. */
  public static final String ENDED = "buildman: worker ended: status=";

  // The machine's own end lies this much later than the manager's, so that it never races it.
  private static final Duration LIFE_AFTER_OURS = Duration.ofSeconds(300);

  // A token and the manager's addresses, in Base64.
  private static final int WHAT_A_REQUEST_BRINGS = 3072;

  private final MachineSettings settings;

  public Machine(MachineSettings settings) {
    this.settings = settings;
  }

  /**
   * The user data of one worker.
   *
   * @param environment of the agent, beside what the request brings; no secret
   * @param limit bytes that the control plane, or whatever boots the machine, can take
   */
  public UserData userData(WorkerRequest request, Map<String, String> environment, int limit) {
    Map<String, String> all = new TreeMap<>(request.environment());
    all.putAll(environment);
    for (Map.Entry<String, String> variable : all.entrySet()) {
      if (variable.getValue().lines().count() > 1) {
        return new UserData.Refused(
            variable.getKey() + " has more than one line: an environment file cannot hold that");
      }
    }
    try {
      return Packing.of(document(request, all), limit);
    } catch (IOException e) {
      return new UserData.Refused("a certificate for the worker cannot be read: " + e);
    }
  }

  /**
   * Why no worker of these settings could ever be told what it needs; empty: it fits.
   *
   * @param environment as {@link #userData} will get it
   */
  public Optional<String> tooLarge(Map<String, String> environment, int limit) {
    AttemptId attempt = new AttemptId(BuildId.random(), 1);
    WorkerRequest any =
        new WorkerRequest(
            attempt,
            new ExecutionName("any"),
            new Installation("any", "any"),
            Secret.NONE,
            Map.of(),
            Duration.ofHours(2));
    return userData(any, environment, limit - WHAT_A_REQUEST_BRINGS)
            instanceof UserData.Refused(String sentence)
        ? Optional.of(sentence)
        : Optional.empty();
  }

  private Ignition document(WorkerRequest request, Map<String, String> environment)
      throws IOException {
    String engine = environment.getOrDefault("CONTAINER_RUNTIME", "auto");
    WorkerUnits units = new WorkerUnits(settings, MachineSettings.usesDaemon(engine));
    Map<String, String> proxies = MachineFiles.proxies(environment);
    Duration life = request.maxLifetime().plus(LIFE_AFTER_OURS);
    return new Ignition(
        new Ignition.About(Ignition.VERSION, null),
        settings.sshKeys().isEmpty()
            ? null
            : new Ignition.Passwd(List.of(new Ignition.User("core", settings.sshKeys()))),
        new Ignition.Storage(
            List.of(
                new Ignition.Directory(MachineFiles.FOLDER, 0700),
                new Ignition.Directory(MachineFiles.WORK, 0700)),
            files(request, environment, proxies),
            links()),
        new Ignition.Systemd(units.all(life, !proxies.isEmpty())));
  }

  private List<Ignition.File> files(
      WorkerRequest request, Map<String, String> environment, Map<String, String> proxies)
      throws IOException {
    List<Ignition.File> files = new ArrayList<>();
    // Of Fedora CoreOS: an update would reboot the machine under its build.
    files.add(
        file(
            "/etc/zincati/config.d/90-buildman-no-updates.toml",
            0644,
            "[updates]\nenabled = false\n"));
    files.add(file("/etc/hostname", 0644, request.name().value() + "\n"));
    Map<String, String> agents = new TreeMap<>(environment);
    agents.putAll(proxies);
    agents.putAll(MachineFiles.agentsOwn(settings, agents.getOrDefault("CONTAINER_RUNTIME", "")));
    String token = request.token().reveal();
    if (settings.tokenInEnv()) {
      agents.put("TOKEN", token);
    } else {
      agents.put("TOKEN_FILE", MachineFiles.HANDED_OVER + "/token");
      files.add(file(MachineFiles.HANDED + "/token", 0600, token));
    }
    files.add(file(MachineFiles.ENVIRONMENT, 0600, MachineFiles.environment(agents)));
    if (!proxies.isEmpty()) {
      files.add(file(MachineFiles.PROXIES, 0644, MachineFiles.unitEnvironment(proxies)));
    }
    if (!settings.user().isEmpty()) {
      files.add(file(MachineFiles.LOGIN + "/config.json", 0600, MachineFiles.login(settings)));
    }
    if (settings.caCert().isPresent()) {
      files.add(certificate(MachineFiles.CERTIFICATES + "/ca.crt", settings.caCert().get()));
    }
    if (settings.extraCaCerts().isPresent()) {
      files.add(certificate(MachineFiles.TRUSTED, settings.extraCaCerts().get()));
    }
    files.add(file(MachineFiles.LEAVE, 0755, MachineFiles.leave(settings)));
    return files;
  }

  // The machine's own trust and the agent's are one file: it may be large.
  private List<Ignition.Link> links() {
    return settings.extraCaCerts().isEmpty()
        ? List.of()
        : List.of(
            new Ignition.Link(
                MachineFiles.CERTIFICATES + "/extra-ca.crt", MachineFiles.TRUSTED, true));
  }

  private static Ignition.File certificate(String path, Path from) throws IOException {
    return file(path, 0644, Files.readString(from));
  }

  private static Ignition.File file(String path, int mode, String content) {
    return new Ignition.File(path, true, mode, Packing.contents(content));
  }

  /** Whether the agent may be told of the machine's folders: ours is, Quay's knows none. */
  static boolean isOurs(MachineSettings settings) {
    return settings.agent() == AgentKind.OURS;
  }
}
