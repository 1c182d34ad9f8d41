package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.kubernetes.KubernetesSettings;
import dev.buildman.model.AgentKind;
import dev.buildman.orchestrator.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds settings that are well-formed alone and make no sense together. */
final class CrossChecks {

  /** Fewer than this many beats in a lease, and a short pause of the network ends builds. */
  private static final int BEATS_IN_A_LEASE = 3;

  private final ConfigMap top;
  private final ConfigMap manager;
  private final ConfigMap ours;

  CrossChecks(ConfigMap top, ConfigMap manager, ConfigMap ours) {
    this.top = top;
    this.manager = manager;
    this.ours = ours;
  }

  void check(Settings settings) {
    if (settings.identity().secretKeys().isEmpty()) {
      top.problem(
          "SECRET_KEY",
          "is required: it protects tokens and the builds' secrets; make one with"
              + " 'openssl rand -base64 32', the same for all managers");
    }
    times(settings.work());
    settings.executors().forEach(executor -> executor(executor, settings));
  }

  private void times(Settings.Work work) {
    Limits.Times times = work.limits().times();
    if (times.lease().compareTo(work.pace().heartbeat().multipliedBy(BEATS_IN_A_LEASE)) < 0) {
      ours.problem(
          "LEASE",
          "%s is less than %d heartbeats (HEARTBEAT is %s): one lost beat would end a build"
              .formatted(
                  seconds(times.lease()), BEATS_IN_A_LEASE, seconds(work.pace().heartbeat())));
    }
    if (work.pace().sweep().compareTo(times.lease()) > 0) {
      ours.problem("SWEEP", "is longer than LEASE: a lost worker would be noticed late");
    }
    work.builds()
        .timeout()
        .filter(timeout -> timeout.compareTo(times.machineMax()) > 0)
        .ifPresent(
            timeout ->
                ours.problem(
                    "BUILD_TIMEOUT",
                    "%s is longer than a worker may live (MACHINE_MAX_TIME is %s)"
                        .formatted(seconds(timeout), seconds(times.machineMax()))));
    Limits.Retries retries = work.limits().retries();
    if (retries.backoffFirst().compareTo(retries.backoffMax()) > 0) {
      ours.section("RETRY_BACKOFF").problem("FIRST", "is longer than MAX");
    }
  }

  private void executor(ExecutorConfig executor, Settings settings) {
    String name = executor.common().name().value();
    Duration machineMax = settings.work().limits().times().machineMax();
    if (executor.common().setupTime().compareTo(machineMax) >= 0) {
      manager.problem(
          "EXECUTORS",
          "SETUP_TIME of %s is not shorter than MACHINE_MAX_TIME (%s)"
              .formatted(name, seconds(machineMax)));
    }
    // A Job's shorter time is this executor's own limit.
    if (!(executor instanceof KubernetesSettings)
        && executor.common().maxLifetime().compareTo(machineMax) < 0) {
      manager.problem(
          "EXECUTORS",
          "MAX_LIFETIME_S of %s is shorter than MACHINE_MAX_TIME (%s)"
              .formatted(name, seconds(machineMax)));
    }
    beyondQuaysAgent(executor, settings);
    if (executor.common().choice().minimumRetryThreshold() >= settings.work().builds().tries()) {
      manager.warning(
          "EXECUTORS",
          "MINIMUM_RETRY_THRESHOLD of %s leaves it out: a build with %d tries never has more left"
              .formatted(name, settings.work().builds().tries()));
    }
  }

  /** A build is refused rather than built without what the installation adds to it. */
  private void beyondQuaysAgent(ExecutorConfig executor, Settings settings) {
    if (executor.common().agent() != AgentKind.QUAY) {
      return;
    }
    BuildDefaults builds = settings.work().builds();
    List<String> keys = new ArrayList<>();
    if (!builds.buildArgs().isEmpty()) {
      keys.add("BUILD_ARGS");
    }
    if (builds.noCache()) {
      keys.add("NO_CACHE");
    }
    Set<String> others = new HashSet<>(builds.registryAuth().keySet());
    others.remove(settings.identity().registry());
    if (!others.isEmpty()) {
      keys.add("REGISTRY_AUTH");
    }
    for (String key : keys) {
      ours.warning(
          key,
          ("Quay's agent, which %s runs, cannot do this, so no build is built there; set AGENT:"
                  + " ours if it runs ours")
              .formatted(executor.common().name()));
    }
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
