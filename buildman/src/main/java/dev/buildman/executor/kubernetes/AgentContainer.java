package dev.buildman.executor.kubernetes;

import dev.buildman.executor.AgentVariables;
import dev.buildman.executor.Exit;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import dev.buildman.model.WorkerExit;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A container that is the agent itself. */
final class AgentContainer implements WorkerKind {
  private static final String SECRETS = "/run/secrets/buildman";
  private static final String WORK = "/workspace";
  private static final String TOKEN = "token";

  private final KubernetesSettings settings;
  private final WorkerPod worker;

  AgentContainer(KubernetesSettings settings) {
    this.settings = settings;
    this.worker = settings.pod();
  }

  @Override
  public boolean needsSecret() {
    return !settings.common().tokenInEnv() || !worker.files().isEmpty();
  }

  @Override
  public boolean printsItsEnd() {
    return false;
  }

  @Override
  public WorkerExit exit(Exit container) {
    return container.how();
  }

  @Override
  public Written write(WorkerRequest request) {
    try {
      Map<String, byte[]> secret = secret(request);
      return new Written.Parts(container(request), volumes(request), secret);
    } catch (IOException e) {
      return new Written.Impossible("a certificate for the worker cannot be read: " + e);
    }
  }

  private List<Volume> volumes(WorkerRequest request) {
    List<Volume> volumes = new ArrayList<>();
    volumes.add(
        new VolumeBuilder()
            .withName("work")
            .withNewEmptyDir()
            .withSizeLimit(worker.resources().volume())
            .endEmptyDir()
            .build());
    if (needsSecret()) {
      volumes.add(
          new VolumeBuilder()
              .withName("handed-over")
              .withNewSecret()
              .withSecretName(request.name().value())
              .withDefaultMode(0440)
              .endSecret()
              .build());
    }
    return volumes;
  }

  private Container container(WorkerRequest request) {
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(JobManifest.CONTAINER)
            .withImage(worker.image())
            .withImagePullPolicy(worker.pullPolicy())
            .withEnv(environment(request))
            .withResources(worker.resources().requirements())
            .withSecurityContext(worker.isolation().ofContainer(worker.seccompProfile()))
            // The end of the log stands in the status then, also when the pod is deleted at once.
            .withTerminationMessagePolicy("FallbackToLogsOnError")
            .addNewVolumeMount()
            .withName("work")
            .withMountPath(WORK)
            .endVolumeMount();
    if (needsSecret()) {
      container
          .addNewVolumeMount()
          .withName("handed-over")
          .withMountPath(SECRETS)
          .withReadOnly(true)
          .endVolumeMount();
    }
    return container.build();
  }

  private List<EnvVar> environment(WorkerRequest request) {
    Map<String, String> all = new TreeMap<>(request.environment());
    all.putAll(settings.common().environment());
    all.put("EXECUTOR", KubernetesSettings.AGENTS);
    all.put("TMPDIR", WORK);
    if (settings.common().agent() == AgentKind.OURS) {
      all.put("HOME", WORK);
    }
    AgentVariables.isolation(all, "chroot");
    if (worker.isolation() == Isolation.RESTRICTED) {
      all.put("CONTAINER_RUNTIME", "embedded");
    }
    if (settings.common().tokenInEnv()) {
      all.put("TOKEN", request.token().reveal());
    } else {
      all.put("TOKEN_FILE", SECRETS + "/" + TOKEN);
    }
    if (worker.files().containsKey("ca.crt")) {
      AgentVariables.authority(all, SECRETS + "/ca.crt");
    }
    if (worker.files().containsKey("extra-ca.crt")) {
      AgentVariables.moreAuthorities(all, SECRETS + "/extra-ca.crt");
    }
    return all.entrySet().stream().map(e -> new EnvVar(e.getKey(), e.getValue(), null)).toList();
  }

  private Map<String, byte[]> secret(WorkerRequest request) throws IOException {
    Map<String, byte[]> content = new LinkedHashMap<>();
    if (!settings.common().tokenInEnv()) {
      content.put(TOKEN, request.token().reveal().getBytes(StandardCharsets.UTF_8));
    }
    for (Map.Entry<String, Path> file : new TreeMap<>(worker.files()).entrySet()) {
      content.put(file.getKey(), Files.readAllBytes(file.getValue()));
    }
    return content;
  }
}
