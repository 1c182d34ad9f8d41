package dev.buildman.agent.engine.buildah;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * How buildah works on this machine.
 *
 * @param isolation of RUN: {@code chroot} (works nearly everywhere), {@code oci} or {@code
 *     rootless} (a container runtime)
 * @param storageDriver {@code overlay} where the machine allows it; {@code vfs} works on every file
 *     system and keeps a whole copy of the image for each of its layers; {@code auto} tries overlay
 * @param timeLimit of each command of buildah; the build's own limit interrupts before
 * @param environment what buildah gets of the worker's: proxies and authorities
 */
public record BuildahSettings(
    String isolation, String storageDriver, Duration timeLimit, Map<String, String> environment) {
  private static final Set<String> ISOLATIONS = Set.of("chroot", "oci", "rootless");
  private static final Set<String> DRIVERS = Set.of("auto", "vfs", "overlay");

  /** Refuses words that buildah does not know. */
  public BuildahSettings {
    environment = Map.copyOf(environment);
    if (!ISOLATIONS.contains(isolation)) {
      throw new IllegalArgumentException(
          "BUILDAH_ISOLATION is chroot, oci or rootless, not: " + isolation);
    }
    if (!DRIVERS.contains(storageDriver)) {
      throw new IllegalArgumentException(
          "STORAGE_DRIVER is auto, vfs or overlay, not: " + storageDriver);
    }
  }

  /**
   * Chroot isolation, the best storage there is, a day at most, nothing of the worker's
   * environment.
   */
  public static BuildahSettings defaults() {
    return new BuildahSettings("chroot", "auto", Duration.ofHours(24), Map.of());
  }
}
