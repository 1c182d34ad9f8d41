package dev.buildman.executor.docker;

import com.github.dockerjava.api.model.Version;
import dev.buildman.model.HostId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose workers those of a daemon on a local socket are. Managers in containers of one machine
 * differ in all that they see of it, and share the daemon: so its own id is the host. A daemon that
 * is away tells none; it is asked again until it does, and gets no worker before: what was launched
 * under another name would be nobody's after the next start. For use by any thread.
 */
public final class DaemonHost {
  private static final Logger log = LoggerFactory.getLogger(DaemonHost.class);
  private static final int DIGITS = 16;

  private final DaemonAccess access;
  private final HostId manager;
  private volatile @Nullable HostId learned;

  /**
   * Calls nothing.
   *
   * @param manager the manager's own host: for a daemon that has no id, as Podman's, and for any as
   *     long as it has not told
   */
  public DaemonHost(DockerSettings settings, HostId manager) {
    this.access = settings.access();
    this.manager = manager;
  }

  /**
   * Asks the daemon, for ten seconds at most; one that is away is asked when it is needed, and one
   * over the network never.
   */
  public void ask() {
    if (!isLocal()) {
      return;
    }
    try {
      get();
    } catch (RuntimeException e) {
      log.warn(
          "daemon does not tell its id yet, and gets no worker before: {}",
          DaemonAnswer.words(e, "the daemon at " + access));
    }
  }

  /** Whether only managers that open the same socket see the workers. */
  boolean isLocal() {
    return access.isLocal();
  }

  /** Whether the daemon has told. */
  boolean isKnown() {
    return learned != null;
  }

  /** The host as far as it is known; calls nothing. */
  HostId now() {
    HostId known = learned;
    return known == null ? manager : known;
  }

  /**
   * The host; asks the daemon as long as it has not told.
   *
   * @throws RuntimeException of the daemon's client, when it does not answer
   */
  HostId get() {
    HostId known = learned;
    if (known != null) {
      return known;
    }
    try (Daemon daemon = Daemon.impatient(access)) {
      Version version = daemon.calls().versionCmd().exec();
      String id = daemon.calls().infoCmd().exec().getId();
      // Podman's makes a new one for each answer.
      HostId told = isPodmans(version) || id == null || id.isEmpty() ? manager : digest(id);
      learned = told;
      return told;
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
