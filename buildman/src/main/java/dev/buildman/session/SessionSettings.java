package dev.buildman.session;

import dev.buildman.model.Credentials;
import dev.buildman.model.ManagerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What agents are told and held to.
 *
 * @param manager this process
 * @param heartbeat wanted pause between heartbeats
 * @param lease how long one good heartbeat holds a session
 * @param machineMax a worker's longest life, and so a job token's
 * @param logs limits of a build's log
 * @param everyBuild what is added to each build
 */
public record SessionSettings(
    ManagerId manager,
    Duration heartbeat,
    Duration lease,
    Duration machineMax,
    LogLimits logs,
    Additions everyBuild) {

  /**
   * A build's log is cut where it goes beyond these, and the cut is marked.
   *
   * @param maxLine bytes of one entry; what is longer is divided, and nothing of it lost
   * @param maxLines entries in all
   * @param maxBytes in all
   */
  public record LogLimits(int maxLine, long maxLines, long maxBytes) {
    /** 16 KiB, 200,000 lines, 64 MiB. */
    public static final LogLimits DEFAULT = new LogLimits(16 << 10, 200_000, 64L << 20);
  }

  /**
   * {@code NO_CACHE}, {@code BUILD_ARGS}, {@code REGISTRY_AUTH}, {@code INSECURE_REGISTRIES}. What
   * the build itself asks for wins.
   */
  public record Additions(
      boolean noCache,
      Map<String, String> buildArgs,
      Map<String, Credentials> registryAuth,
      List<String> insecureRegistries) {
    public static final Additions NONE = new Additions(false, Map.of(), Map.of(), List.of());

    public Additions {
      buildArgs = Map.copyOf(buildArgs);
      registryAuth = Map.copyOf(registryAuth);
      insecureRegistries = List.copyOf(insecureRegistries);
    }
  }

  /** A beat every 2 s, a minute's lease, two hours for a worker, the default log. */
  public static SessionSettings defaults(ManagerId manager) {
    return new SessionSettings(
        manager,
        Duration.ofSeconds(2),
        Duration.ofSeconds(60),
        Duration.ofHours(2),
        LogLimits.DEFAULT,
        Additions.NONE);
  }

  /** The same with other additions. */
  public SessionSettings adding(Additions other) {
    return new SessionSettings(manager, heartbeat, lease, machineMax, logs, other);
  }
}
