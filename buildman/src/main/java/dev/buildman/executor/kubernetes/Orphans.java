package dev.buildman.executor.kubernetes;

import dev.buildman.executor.SeenWorker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Pods without their Job: somebody deleted it and left them, which is what a deletion that says
 * nothing does (K18). Nobody else ends them, nor removes one that has ended.
 */
final class Orphans {
  private Orphans() {}

  /** Whether nothing takes a pod along when it goes. */
  static boolean isOrphan(Pod pod) {
    return pod.getMetadata().getOwnerReferences().isEmpty()
        && pod.getMetadata().getDeletionTimestamp() == null;
  }

  /**
   * Workers of which only pods are left. Without one that has ended and that its Job takes along.
   *
   * @param retention of pods that have failed, for somebody to look at
   */
  static List<SeenWorker> without(List<Job> jobs, List<Pod> pods, Retention retention) {
    Set<String> names =
        jobs.stream().map(job -> job.getMetadata().getName()).collect(Collectors.toSet());
    return pods.stream()
        .filter(pod -> !Remains.isOver(pod) || isOrphan(pod))
        .filter(pod -> !retention.keeps(pod))
        .map(WorkerLabels::seen)
        .flatMap(Optional::stream)
        .filter(worker -> !names.contains(worker.name().value()))
        .distinct()
        .toList();
  }
}
