package dev.buildman.agent.engine.buildah;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * How buildah works on this machine.
 *
 * @param isolation of RUN: {@code chroot} (works nearly everywhere), {@code oci} or {@code
 *     rootless} (a container runtime)
 * @param storageDriver {@code vfs} works on every file system; {@code overlay} is quicker where the
 *     machine allows it
 * @param timeLimit of each command of buildah; the build's own limit interrupts before
 * @param environment what buildah gets of the worker's: proxies and authorities
 */
public record BuildahSettings(
    String isolation, String storageDriver, Duration timeLimit, Map<String, String> environment) {
  private static final Set<String> ISOLATIONS = Set.of("chroot", "oci", "rootless");
  private static final Set<String> DRIVERS = Set.of("vfs", "overlay");

  /** Refuses words that buildah does not know. */
  public BuildahSettings {
    environment = Map.copyOf(environment);
    if (!ISOLATIONS.contains(isolation)) {
      throw new IllegalArgumentException(
          "BUILDAH_ISOLATION is chroot, oci or rootless, not: " + isolation);
    }
    if (!DRIVERS.contains(storageDriver)) {
      throw new IllegalArgumentException("STORAGE_DRIVER is vfs or overlay, not: " + storageDriver);
    }
  }

  /** Chroot isolation on vfs, a day at most, nothing of the worker's environment. */
  public static BuildahSettings defaults() {
    return new BuildahSettings("chroot", "vfs", Duration.ofHours(24), Map.of());
  }
}
