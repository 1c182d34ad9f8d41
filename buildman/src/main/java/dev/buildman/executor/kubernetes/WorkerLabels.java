package dev.buildman.executor.kubernetes;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Installation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is written on a worker's Job, pod and Secret, so that any manager knows whose it is.
 *
 * <p>Labels select, and may hold few characters (K24); the raw values stand in annotations.
 */
final class WorkerLabels {
  static final String DOMAIN = "buildman.dev/";
  static final String INSTALLATION = DOMAIN + "installation";
  static final String EXECUTOR = DOMAIN + "executor";
  static final String BUILD = DOMAIN + "build";
  static final String ATTEMPT = DOMAIN + "attempt";
  static final String STATE = DOMAIN + "redis-state";

  /** Put on pods by the Job controller. */
  static final String JOB_NAME = "batch.kubernetes.io/job-name";

  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";

  private final Map<String, String> selector;

  WorkerLabels(ExecutorName executor, Installation installation) {
    this.selector =
        Map.of(
            MANAGED_BY,
            "buildman",
            INSTALLATION,
            value(installation.id()),
            EXECUTOR,
            value(executor.value()));
  }

  /** Selects the workers of this executor of this installation. */
  Map<String, String> selector() {
    return selector;
  }

  Map<String, String> labels(WorkerRequest request) {
    Map<String, String> labels = new TreeMap<>(selector);
    labels.put(BUILD, request.attempt().build().value());
    labels.put(ATTEMPT, Integer.toString(request.attempt().number()));
    return labels;
  }

  Map<String, String> annotations(WorkerRequest request) {
    return new TreeMap<>(
        Map.of(INSTALLATION, request.installation().id(), STATE, request.installation().state()));
  }

  /** Whether a Job that has a request's name was made for it. */
  boolean areOf(WorkerRequest request, HasMetadata job) {
    Map<String, String> present = job.getMetadata().getLabels();
    return present != null && present.entrySet().containsAll(labels(request).entrySet());
  }

  /**
   * The worker whose these are; empty when the labels make no sense.
   *
   * @param job null when it is gone: its pods tell the same
   */
  static Optional<SeenWorker> seen(@Nullable Job job, List<Pod> pods) {
    return job != null ? seen(job) : pods.stream().findFirst().flatMap(WorkerLabels::seen);
  }

  /** The worker whose Job this is. */
  static Optional<SeenWorker> seen(Job job) {
    return seen(job.getMetadata(), job.getMetadata().getName());
  }

  /** The worker whose pod this is. */
  static Optional<SeenWorker> seen(Pod pod) {
    return seen(pod.getMetadata(), label(pod.getMetadata(), JOB_NAME));
  }

  private static Optional<SeenWorker> seen(ObjectMeta meta, String job) {
    try {
      AttemptId attempt =
          new AttemptId(new BuildId(label(meta, BUILD)), Integer.parseInt(label(meta, ATTEMPT)));
      String state =
          meta.getAnnotations() == null ? "" : meta.getAnnotations().getOrDefault(STATE, "");
      return ExecutionName.parse(job)
          .map(
              name ->
                  new SeenWorker(attempt, WorkerRef.of(name, id(meta.getNamespace(), job)), state));
    } catch (IllegalArgumentException e) {
      // Somebody copied a part of our labels: it is no worker that a manager started.
      return Optional.empty();
    }
  }

  /** As an operator gives it to kubectl. */
  static ExecutionId id(HasMetadata job) {
    return id(job.getMetadata().getNamespace(), job.getMetadata().getName());
  }

  private static ExecutionId id(String namespace, String job) {
    return new ExecutionId(namespace + "/" + job);
  }

  private static String label(ObjectMeta meta, String name) {
    return meta.getLabels() == null ? "" : meta.getLabels().getOrDefault(name, "");
  }

  private static String value(String raw) {
    return raw.matches(LABEL)
        ? raw
        : UUID.nameUUIDFromBytes(raw.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
