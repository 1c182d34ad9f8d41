package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Mount;
import com.github.dockerjava.api.model.MountType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.VolumeOptions;
import dev.buildman.executor.AgentVariables;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The container of a worker, as the daemon is asked for it. */
final class WorkerSpec {
  /** From the polite signal to the one that cannot be caught: an engine ends within it. */
  static final Duration GRACE = Duration.ofSeconds(10);

  // The daemon's usual log has no limit: a worker must not fill its machine's disk with it.
  private static final LogConfig LOG =
      new LogConfig(LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "10m", "max-file", "2"));

  private final DockerSettings settings;
  private final ContainerLabels labels;

  WorkerSpec(DockerSettings settings, ContainerLabels labels) {
    this.settings = settings;
    this.labels = labels;
  }

  CreateContainerCmd fill(CreateContainerCmd create, WorkerRequest request) {
    WorkerContainer worker = settings.worker();
    HostConfig host =
        new HostConfig()
            .withMemory(worker.memory())
            .withMemorySwap(worker.memory())
            .withNanoCPUs(worker.nanoCpus())
            .withPidsLimit(worker.pids())
            .withBinds(worker.volumes())
            .withMounts(own(request))
            .withLogConfig(LOG)
            // A container that is started again has a token that was used.
            .withRestartPolicy(RestartPolicy.noRestart());
    worker.confinement().confine(host);
    if (!worker.network().isEmpty()) {
      host.withNetworkMode(worker.network());
    }
    if (!worker.user().isEmpty()) {
      create.withUser(worker.user());
    }
    return create
        .withName(request.name().value())
        .withLabels(labels.labels(request))
        .withEnv(environment(request))
        .withStopTimeout((int) GRACE.toSeconds())
        .withHostConfig(host);
  }

  /** Anonymous: they are removed with their container, and labelled, should they be left. */
  private List<Mount> own(WorkerRequest request) {
    Set<String> given =
        settings.worker().volumes().stream()
            .map(bind -> bind.getVolume().getPath())
            .collect(Collectors.toSet());
    return Stream.of(HandOver.FOLDER, "/tmp", "/var/tmp")
        .filter(path -> !given.contains(path))
        .map(
            path ->
                new Mount()
                    .withType(MountType.VOLUME)
                    .withTarget(path)
                    .withVolumeOptions(new VolumeOptions().withLabels(labels.labels(request))))
        .toList();
  }

  private List<String> environment(WorkerRequest request) {
    WorkerContainer worker = settings.worker();
    Map<String, String> all = new TreeMap<>(request.environment());
    all.putAll(settings.common().environment());
    all.put("EXECUTOR", DockerSettings.KIND);
    if (settings.common().agent() == AgentKind.OURS) {
      all.put("TMPDIR", HandOver.WORK);
      all.put("HOME", HandOver.WORK);
    }
    AgentVariables.isolation(all, "chroot");
    worker.daemon().ifPresent(host -> all.put("DOCKER_HOST", host));
    if (settings.common().tokenInEnv()) {
      all.put("TOKEN", request.token().reveal());
    } else {
      all.put("TOKEN_FILE", HandOver.TOKEN_FILE);
    }
    all.putAll(HandOver.certificates(worker.files()));
    return all.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }
}
