package dev.buildman.executor.boot;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import dev.buildman.model.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a machine becomes a worker.
 *
 * @param image of the agent, with its tag or digest
 * @param runtime what runs the agent's container on the machine
 * @param user to pull the image with; empty: nobody
 * @param caCert of the manager; pem
 * @param extraCaCerts that everything on the machine trusts; pem
 * @param keepFailed how long a machine stays whose agent failed; empty: not
 */
public record MachineSettings(
    String image,
    Runtime runtime,
    AgentKind agent,
    boolean tokenInEnv,
    String user,
    Secret password,
    Optional<Path> caCert,
    Optional<Path> extraCaCerts,
    List<String> sshKeys,
    Optional<Duration> keepFailed) {

  /** Programs that run containers on the machine. */
  public enum Runtime {
    DOCKER("docker.service", "/var/run/docker.sock"),
    PODMAN("podman.socket", "/run/podman/podman.sock");

    private final String unit;
    private final String socket;

    Runtime(String unit, String socket) {
      this.unit = unit;
      this.socket = socket;
    }

    /** What has to run before a container can use the socket. */
    String unit() {
      return unit;
    }

    String socket() {
      return socket;
    }

    String program() {
      return this == DOCKER ? "/usr/bin/docker" : "/usr/bin/podman";
    }
  }

  private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]*");
  private static final Pattern SSH_KEY = Pattern.compile("[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?");

  public MachineSettings {
    sshKeys = List.copyOf(sshKeys);
  }

  /**
   * Reads an executor's map.
   *
   * @param ourVersion tag of the worker image where none is given
   */
  public static MachineSettings parse(ConfigMap map, ExecutorSettings common, String ourVersion) {
    // A daemon of the machine, where the agent uses one; else what every such machine has.
    boolean docker = "docker".equals(common.environment().get("CONTAINER_RUNTIME"));
    Secret password = map.secret("QUAY_PASSWORD").orElse(Secret.NONE);
    String user = map.text("QUAY_USERNAME", "");
    if (user.isEmpty() != password.isEmpty()) {
      map.problem("QUAY_USERNAME", "a login needs QUAY_USERNAME and QUAY_PASSWORD");
    }
    String tag = map.text("WORKER_TAG", common.agent() == AgentKind.QUAY ? "latest" : ourVersion);
    return new MachineSettings(
        map.as("WORKER_IMAGE", text -> image(text, tag))
            .orElse("docker.io/buildman/builder-agent:" + tag),
        docker ? Runtime.DOCKER : Runtime.PODMAN,
        common.agent(),
        common.tokenInEnv(),
        user,
        password,
        map.file("CA_CERT"),
        map.file("EXTRA_CA_CERTS"),
        map.values("SSH_AUTHORIZED_KEYS").stream()
            .flatMap(key -> key.as(MachineSettings::sshKey).stream())
            .toList(),
        common.keepFailed());
  }

  private static String image(String name, String tag) {
    boolean whole = name.contains("@") || name.lastIndexOf(':') > name.lastIndexOf('/');
    String image = whole ? name : name + ":" + tag;
    if (!IMAGE.matcher(image).matches()) {
      throw new IllegalArgumentException("is no name of an image");
    }
    return image;
  }

  private static String sshKey(String key) {
    if (!SSH_KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("is no line of an authorized_keys file");
    }
    return key;
  }

  /** The registry that the image comes from. */
  String registry() {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
    return host ? first : "docker.io";
  }

  /** Whether the agent works with a daemon of the machine, and not with what its image brings. */
  static boolean usesDaemon(String engine) {
    return engine.equals("docker") || engine.equals("podman");
  }
}
