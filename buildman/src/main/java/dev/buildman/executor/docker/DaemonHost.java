package dev.buildman.executor.docker;

import com.github.dockerjava.api.model.Version;
import dev.buildman.model.HostId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose workers those of a daemon on a local socket are. Managers in containers of one machine
 * differ in all that they see of it, and share the daemon: so its own id is the host.
 */
public final class DaemonHost {
  private static final Logger log = LoggerFactory.getLogger(DaemonHost.class);
  private static final int DIGITS = 16;

  private DaemonHost() {}

  /**
   * Asks the daemon, for ten seconds at most.
   *
   * @param manager the manager's own host: for a daemon that has no id, as Podman's, or is away
   */
  public static HostId of(DockerSettings settings, HostId manager) {
    if (!settings.access().isLocal()) {
      return manager;
    }
    try (Daemon daemon = Daemon.impatient(settings.access())) {
      Version version = daemon.calls().versionCmd().exec();
      String id = daemon.calls().infoCmd().exec().getId();
      // Podman's makes a new one for each answer.
      return isPodmans(version) || id == null || id.isEmpty() ? manager : digest(id);
    } catch (RuntimeException e) {
      log.warn(
          "daemon does not tell its id, its workers count as this host's: executor={}, host={}, {}",
          settings.common().name(),
          manager,
          DaemonAnswer.words(e, "the daemon at " + settings.access()));
      return manager;
    }
  }

  private static boolean isPodmans(Version version) {
    return version.getComponents() != null
        && version.getComponents().stream()
            .anyMatch(part -> String.valueOf(part.getName()).startsWith("Podman"));
  }

  private static HostId digest(String id) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return new HostId("docker-" + HexFormat.of().formatHex(hash).substring(0, DIGITS));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
