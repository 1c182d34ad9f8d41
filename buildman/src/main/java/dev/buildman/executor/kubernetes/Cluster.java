package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.VersionInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that an executor makes in its namespace. Each throws {@code KubernetesClientException};
 * none repeats itself.
 */
final class Cluster implements AutoCloseable {
  // The agent's log has gone to the manager already: what a person reads of a worker is its end.
  // The bytes are counted from the first of these lines on: they only stop what is no text at all.
  private static final int LOG_LINES = 40;
  private static final int LOG_BYTES = 256 * 1024;

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String where;

  Cluster(ApiAccess access, String namespace) {
    this.client = new KubernetesClientBuilder().withConfig(access.config()).build();
    this.namespace = namespace;
    this.where = "the API server " + access.where();
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  /** For messages. */
  String where() {
    return where;
  }

  Job create(Job job) {
    return client.batch().v1().jobs().inNamespace(namespace).resource(job).create();
  }

  /** Lets the server judge a Job, without making it. */
  void judge(Job job) {
    client.batch().v1().jobs().inNamespace(namespace).resource(job).dryRun(true).create();
  }

  void create(Secret secret) {
    client.secrets().inNamespace(namespace).resource(secret).create();
  }

  Optional<Job> job(String name) {
    return Optional.ofNullable(
        client.batch().v1().jobs().inNamespace(namespace).withName(name).get());
  }

  List<Job> jobs(Map<String, String> labels) {
    return client.batch().v1().jobs().inNamespace(namespace).withLabels(labels).list().getItems();
  }

  List<Pod> podsOf(String job) {
    return client
        .pods()
        .inNamespace(namespace)
        .withLabel(WorkerLabels.JOB_NAME, job)
        .list()
        .getItems();
  }

  List<Pod> pods(Map<String, String> labels) {
    return client.pods().inNamespace(namespace).withLabels(labels).list().getItems();
  }

  /**
   * Deletes a Job with its pods: without the policy these would live on (K18).
   *
   * @return whether it was there
   */
  boolean delete(String job) {
    return !client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withName(job)
        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
        .delete()
        .isEmpty();
  }

  /** Deletes a pod that no Job takes along any more. */
  void deletePod(String pod) {
    client.pods().inNamespace(namespace).withName(pod).delete();
  }

  /**
   * Deletes the Secret of a Job that is gone, if it was left. Without the right to, which is said
   * at start, it stays: a worker's end must not wait for that.
   */
  void deleteSecret(String name) {
    try {
      client.secrets().inNamespace(namespace).withName(name).delete();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 403) {
        throw e;
      }
      log.debug("a Secret may be left: name={}, cause={}", name, ApiAnswer.words(e, where));
    }
  }

  /**
   * The end of a worker's log; empty when its pod is gone. One request: the client's own way to a
   * log watches the pod first, until it is ready or has ended.
   */
  String log(String pod) {
    String text =
        client.raw(
            "/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d&limitBytes=%d"
                .formatted(namespace, pod, JobManifest.CONTAINER, LOG_LINES, LOG_BYTES));
    return text == null ? "" : text;
  }

  /** Whether this client's account may do something in the namespace. */
  boolean may(String verb, String group, String resource, String subresource) {
    SelfSubjectAccessReview review =
        new SelfSubjectAccessReviewBuilder()
            .withNewSpec()
            .withNewResourceAttributes()
            .withNamespace(namespace)
            .withVerb(verb)
            .withGroup(group)
            .withResource(resource)
            .withSubresource(subresource.isEmpty() ? null : subresource)
            .endResourceAttributes()
            .endSpec()
            .build();
    SelfSubjectAccessReview answer =
        client.authorization().v1().selfSubjectAccessReview().create(review);
    return answer.getStatus() != null && Boolean.TRUE.equals(answer.getStatus().getAllowed());
  }

  VersionInfo version() {
    return client.getKubernetesVersion();
  }

  @Override
  public void close() {
    client.close();
  }
}
