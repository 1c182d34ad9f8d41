package dev.buildman.executor.kubernetes;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes a worker down as Kubernetes wants it: a Job, and the Secret that hands the token over. */
final class JobManifest {
  /**
   * The container that is the worker: what other containers of the pod do decides nothing (K13).
   */
  static final String CONTAINER = "worker";

  /**
   * The control plane's own deadline lies this much later than ours: when it strikes, pod and log
   * are deleted, and nobody learns why (K2, K7).
   */
  static final Duration DEADLINE_AFTER_OURS = Duration.ofSeconds(300);

  /** From the polite signal to the one that cannot be caught. */
  static final Duration GRACE = Duration.ofSeconds(15);

  private static final String SECRETS = "/run/secrets/buildman";
  private static final String WORK = "/workspace";
  private static final String TOKEN = "token";

  private final KubernetesSettings settings;
  private final WorkerLabels labels;

  JobManifest(KubernetesSettings settings, WorkerLabels labels) {
    this.settings = settings;
    this.labels = labels;
  }

  /**
   * The Job of a worker.
   *
   * @param ownUsers whether the cluster offers pods a user namespace of their own
   */
  Job job(WorkerRequest request, boolean ownUsers) {
    Map<String, String> annotations = labels.annotations(request);
    return new JobBuilder()
        .withNewMetadata()
        .withName(request.name().value())
        .withNamespace(settings.namespace())
        .withLabels(labels.labels(request))
        .withAnnotations(annotations)
        .endMetadata()
        .withNewSpec()
        // Repeats are the manager's: a pod that is made again has a token that was used (K3, K4).
        .withBackoffLimit(0)
        .withPodReplacementPolicy("Failed")
        .withActiveDeadlineSeconds(request.maxLifetime().plus(DEADLINE_AFTER_OURS).toSeconds())
        .withTtlSecondsAfterFinished(Math.toIntExact(settings.pod().keepFinished().toSeconds()))
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(with(settings.pod().labels(), labels.labels(request)))
        .withAnnotations(with(undisturbed(), with(settings.pod().annotations(), annotations)))
        .endMetadata()
        .withSpec(pod(request, ownUsers))
        .endTemplate()
        .endSpec()
        .build();
  }

  // A build that is moved to another node is a build that is lost (K21).
  private static Map<String, String> undisturbed() {
    return Map.of(
        "cluster-autoscaler.kubernetes.io/safe-to-evict", "false",
        "karpenter.sh/do-not-disrupt", "true");
  }

  private PodSpec pod(WorkerRequest request, boolean ownUsers) {
    WorkerPod worker = settings.pod();
    PodSpecBuilder pod =
        new PodSpecBuilder()
            .withRestartPolicy("Never")
            .withAutomountServiceAccountToken(false)
            .withEnableServiceLinks(false)
            .withDnsPolicy(worker.dnsPolicy())
            .withTerminationGracePeriodSeconds(GRACE.toSeconds())
            .withSecurityContext(worker.isolation().ofPod())
            .addNewImagePullSecret(worker.pullSecret())
            .addNewVolume()
            .withName("work")
            .withNewEmptyDir()
            .withSizeLimit(worker.resources().volume())
            .endEmptyDir()
            .endVolume()
            .withContainers(container(request));
    worker.serviceAccount().ifPresent(pod::withServiceAccountName);
    if (worker.isolation().ownUsers(ownUsers)) {
      pod.withHostUsers(false);
    }
    if (needsSecret()) {
      pod.addNewVolume()
          .withName("handed-over")
          .withNewSecret()
          .withSecretName(request.name().value())
          .withDefaultMode(0440)
          .endSecret()
          .endVolume();
    }
    PodSpec spec = pod.build();
    worker.placement().place(spec);
    return spec;
  }

  private Container container(WorkerRequest request) {
    WorkerPod worker = settings.pod();
    ContainerBuilder container =
        new ContainerBuilder()
            .withName(CONTAINER)
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
    all.put("EXECUTOR", KubernetesSettings.KIND);
    all.put("TMPDIR", WORK);
    if (settings.common().agent() == AgentKind.OURS) {
      all.put("HOME", WORK);
    }
    all.put("BUILDAH_ISOLATION", "chroot");
    // As Quay's agent spells it.
    all.put("BULDAH_ISOLATION", "chroot");
    if (settings.pod().isolation() == Isolation.RESTRICTED) {
      all.put("CONTAINER_RUNTIME", "embedded");
    }
    if (settings.common().tokenInEnv()) {
      all.put("TOKEN", request.token().reveal());
    } else {
      all.put("TOKEN_FILE", SECRETS + "/" + TOKEN);
    }
    if (settings.pod().files().containsKey("ca.crt")) {
      all.put("TLS_CERT_PATH", SECRETS + "/ca.crt");
    }
    if (settings.pod().files().containsKey("extra-ca.crt")) {
      all.put("SSL_CERT_FILE", SECRETS + "/extra-ca.crt");
      all.put("GIT_SSL_CAINFO", SECRETS + "/extra-ca.crt");
    }
    return all.entrySet().stream().map(e -> new EnvVar(e.getKey(), e.getValue(), null)).toList();
  }

  /** Whether a worker cannot begin without a Secret of its own. */
  boolean needsSecret() {
    return !settings.common().tokenInEnv() || !settings.pod().files().isEmpty();
  }

  /**
   * The Secret of a worker. It belongs to its Job, which must be there before, so that it goes with
   * it whatever becomes of the manager (K20).
   *
   * @throws IOException when a certificate cannot be read
   */
  Secret secret(WorkerRequest request, Job job) throws IOException {
    Map<String, String> data = new LinkedHashMap<>();
    if (!settings.common().tokenInEnv()) {
      byte[] token = request.token().reveal().getBytes(StandardCharsets.UTF_8);
      data.put(TOKEN, Base64.getEncoder().encodeToString(token));
    }
    for (Map.Entry<String, Path> file : settings.pod().files().entrySet()) {
      byte[] content = Files.readAllBytes(file.getValue());
      data.put(file.getKey(), Base64.getEncoder().encodeToString(content));
    }
    return new SecretBuilder()
        .withNewMetadata()
        .withName(request.name().value())
        .withNamespace(settings.namespace())
        .withLabels(labels.labels(request))
        .withOwnerReferences(
            new OwnerReferenceBuilder()
                .withApiVersion("batch/v1")
                .withKind("Job")
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                // True would need one right more in clusters that enforce it.
                .withBlockOwnerDeletion(false)
                .build())
        .endMetadata()
        .withType("Opaque")
        .withImmutable(true)
        .withData(data)
        .build();
  }

  private static Map<String, String> with(Map<String, String> some, Map<String, String> ours) {
    Map<String, String> all = new TreeMap<>(some);
    all.putAll(ours);
    return all;
  }
}
