package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.Breaker;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.boot.Machine;
import dev.buildman.executor.boot.MachineSettings;
import dev.buildman.model.AgentKind;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Settings of one executor of the kind {@code ec2}.
 *
 * @param boot how an instance becomes a worker
 * @param pools where instances may be had, in the order in which they are tried; not empty
 * @param tags of the installation's own, on everything that is launched
 * @param capacityErrors codes that speak of a full pool, beside those that are known
 */
public record Ec2Settings(
    ExecutorSettings common,
    AccountAccess access,
    MachineSettings boot,
    ImageSource image,
    List<Pool> pools,
    InstanceShape shape,
    InstanceTags.Own tags,
    Set<String> capacityErrors)
    implements ExecutorConfig {

  /** The kind's word in the configuration. */
  public static final String KIND = "ec2";

  /** Bytes of user data that an instance can be launched with, before their Base64 (E11). */
  static final int USER_DATA = 16_384;

  // The account's bucket for this call is filled at this rate, and others drink from it (E3).
  private static final double LAUNCHES_PER_SECOND = 2;

  public Ec2Settings {
    pools = List.copyOf(pools);
  }

  /**
   * Reads an executor's map.
   *
   * @param ourVersion tag of the worker image where none is given
   */
  public static Ec2Settings parse(ConfigMap map, String ourVersion) {
    map.has("EXECUTOR");
    AgentKind agent = map.has("WORKER_IMAGE") ? AgentKind.QUAY : AgentKind.OURS;
    ExecutorSettings read = ExecutorSettings.parse(map, KIND, agent, "docker");
    ExecutorSettings common =
        read.withBreaker(paced(read.breaker()))
            .withEnvironment(map.flag("INSECURE", false) ? Map.of("INSECURE", "true") : Map.of());
    MachineSettings boot = MachineSettings.parse(map, common, ourVersion);
    Ec2Settings settings =
        new Ec2Settings(
            common,
            AccountAccess.parse(map),
            boot,
            ImageSource.parse(map),
            Pool.parse(map),
            InstanceShape.parse(map),
            InstanceTags.Own.parse(map),
            Set.copyOf(map.texts("EC2_CAPACITY_ERRORS")));
    new Machine(boot)
        .tooLarge(settings.environment(), USER_DATA)
        .ifPresent(sentence -> map.problem("EXTRA_CA_CERTS", sentence));
    return settings;
  }

  private static Breaker paced(Breaker breaker) {
    return breaker.launchesPerSecond().isPresent()
        ? breaker
        : new Breaker(
            breaker.failures(), breaker.openFor(), OptionalDouble.of(LAUNCHES_PER_SECOND));
  }

  /** What the agent gets in its machine. */
  Map<String, String> environment() {
    return common.withEnvironment(Map.of("EXECUTOR", KIND)).environment();
  }
}
