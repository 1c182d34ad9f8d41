package dev.buildman.executor.kubernetes;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.kubernetes.WorkerKind.Written;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Duration;
import java.util.Base64;
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

  private final KubernetesSettings settings;
  private final WorkerLabels labels;

  JobManifest(KubernetesSettings settings, WorkerLabels labels) {
    this.settings = settings;
    this.labels = labels;
  }

  /**
   * The Job of a worker.
   *
   * @param parts what its container is
   * @param ownUsers whether the cluster offers pods a user namespace of their own
   */
  Job job(WorkerRequest request, Written.Parts parts, boolean ownUsers) {
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
        .withSpec(pod(parts, ownUsers))
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

  private PodSpec pod(Written.Parts parts, boolean ownUsers) {
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
            .withVolumes(parts.volumes())
            .withContainers(parts.container());
    worker.serviceAccount().ifPresent(pod::withServiceAccountName);
    if (worker.isolation().ownUsers(ownUsers)) {
      pod.withHostUsers(false);
    }
    PodSpec spec = pod.build();
    worker.placement().place(spec);
    return spec;
  }

  /**
   * The Secret of a worker. It belongs to its Job, which must be there before, so that it goes with
   * it whatever becomes of the manager (K20).
   */
  Secret secret(WorkerRequest request, Written.Parts parts, Job job) {
    Map<String, String> data = new TreeMap<>();
    parts
        .secret()
        .forEach((key, bytes) -> data.put(key, Base64.getEncoder().encodeToString(bytes)));
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
