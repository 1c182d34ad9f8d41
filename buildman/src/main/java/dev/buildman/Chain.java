package dev.buildman;

import dev.buildman.cli.Version;
import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.docker.DockerSettings;
import dev.buildman.executor.ec2.Ec2Settings;
import dev.buildman.executor.kubernetes.KubernetesSettings;
import dev.buildman.executor.popen.PopenSettings;
import dev.buildman.model.ExecutorName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the chain of executors, in order of preference. */
final class Chain {

  private static final List<String> BUILT =
      List.of(
          KubernetesSettings.MACHINES,
          KubernetesSettings.AGENTS,
          Ec2Settings.KIND,
          DockerSettings.KIND,
          PopenSettings.KIND);

  private final Places places;
  private final Path data;
  private final Set<ExecutorName> names = new HashSet<>();

  Chain(Places places, Path data) {
    this.places = places;
    this.data = data;
  }

  /** Reads {@code EXECUTORS}, or Quay's older form of one executor. */
  List<ExecutorConfig> parse(ConfigMap manager) {
    List<ExecutorConfig> executors = new ArrayList<>();
    if (manager.has("EXECUTOR") || manager.has("EXECUTOR_CONFIG")) {
      older(manager).ifPresent(executors::add);
    }
    for (ConfigMap map : manager.sections("EXECUTORS")) {
      executor(map, map, "EXECUTOR").ifPresent(executors::add);
    }
    if (!manager.has("EXECUTORS") && !manager.has("EXECUTOR")) {
      manager.problem("EXECUTORS", "is required: without an executor no build can ever start");
    }
    return executors;
  }

  private Optional<ExecutorConfig> older(ConfigMap manager) {
    ConfigMap map = manager.section("EXECUTOR_CONFIG");
    if (manager.has("EXECUTORS")) {
      manager.problem("EXECUTOR", "EXECUTORS is there too; keep one of the two forms");
      map.ignoreRest();
      return Optional.empty();
    }
    return executor(manager, map, "EXECUTOR");
  }

  private Optional<ExecutorConfig> executor(ConfigMap kindMap, ConfigMap map, String kindKey) {
    String kind = kindMap.requiredText(kindKey, "one of " + String.join(", ", BUILT));
    map.secret("QUAY_PASSWORD");
    Optional<ExecutorConfig> settings =
        switch (kind) {
          case PopenSettings.KIND ->
              Optional.of(PopenSettings.parse(map, places.ourAgent(), data.resolve("workers")));
          case KubernetesSettings.AGENTS ->
              Optional.of(KubernetesSettings.parse(map, Version.text()));
          case Ec2Settings.KIND -> Optional.of(Ec2Settings.parse(map, Version.text()));
          case DockerSettings.KIND -> Optional.of(DockerSettings.parse(map, Version.text()));
          case KubernetesSettings.MACHINES ->
              Optional.of(KubernetesSettings.parseMachines(map, Version.text()));
          default -> Optional.empty();
        };
    if (settings.isEmpty()) {
      if (!kind.isEmpty()) {
        refuse(kindMap, kindKey, kind);
      }
      map.ignoreRest();
      return Optional.empty();
    }
    ExecutorSettings common = settings.get().common();
    if (!names.add(common.name())) {
      map.problem("NAME", "two executors are called " + common.name() + "; give each its own NAME");
    }
    return settings;
  }

  private static void refuse(ConfigMap map, String key, String kind) {
    map.problem(
        key, "there is no executor \"%s\"; known: %s".formatted(kind, String.join(", ", BUILT)));
  }
}
