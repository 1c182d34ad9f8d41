package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what the watches brought against a list: a watch can fall silent without an error (K16).
 * What differs twice in a row, a period apart and unchanged, was not just under way.
 */
final class Comparison {
  private static final Logger log = LoggerFactory.getLogger(Comparison.class);

  private Set<String> differed = Set.of();

  /** Whether the watches have missed something that they will not bring any more. */
  boolean isStale(Cluster cluster, WorkerLabels labels, Informers informers) {
    Set<String> differs = new HashSet<>();
    try {
      differs.addAll(difference(cluster.jobs(labels.selector()), informers.jobs()));
      differs.addAll(difference(cluster.pods(labels.selector()), informers.pods()));
    } catch (KubernetesClientException e) {
      // Nothing to compare with: the watches say so themselves.
      log.debug("workers not compared: cause={}", e.toString());
      return false;
    }
    Set<String> twice = new HashSet<>(differs);
    twice.retainAll(differed);
    differed = differs;
    if (twice.isEmpty()) {
      return false;
    }
    log.warn("watch has missed changes, it is begun anew: objects={}", twice.size());
    differed = Set.of();
    return true;
  }

  private static Set<String> difference(
      List<? extends HasMetadata> listed, List<? extends HasMetadata> watched) {
    Set<String> truth = versions(listed);
    Set<String> seen = versions(watched);
    Set<String> difference =
        truth.stream().filter(v -> !seen.contains(v)).collect(Collectors.toSet());
    seen.stream().filter(v -> !truth.contains(v)).forEach(difference::add);
    return difference;
  }

  private static Set<String> versions(List<? extends HasMetadata> objects) {
    return objects.stream()
        .map(o -> o.getMetadata().getUid() + "@" + o.getMetadata().getResourceVersion())
        .collect(Collectors.toSet());
  }
}
