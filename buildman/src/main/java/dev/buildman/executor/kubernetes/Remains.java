package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells from a Job and its pods whether anything of a worker runs, or may come to run. */
final class Remains {
  private Remains() {}

  /**
   * Whether nothing of a pod runs, or will: an end of the phase alone may come before that (K15),
   * and comes a second after the end of its containers.
   */
  static boolean isOver(Pod pod) {
    if (pod.getStatus() == null) {
      return false;
    }
    List<ContainerStatus> containers = pod.getStatus().getContainerStatuses();
    String phase = String.valueOf(pod.getStatus().getPhase());
    if (phase.equals("Succeeded") || phase.equals("Failed")) {
      return containers.stream().noneMatch(Remains::runs);
    }
    return !containers.isEmpty()
        && containers.size() == pod.getSpec().getContainers().size()
        && containers.stream().allMatch(Remains::hasEnded)
        && pod.getStatus().getInitContainerStatuses().stream().noneMatch(Remains::runs);
  }

  /** Whether a pod ended in another way than it should; its Job sees that a second later. */
  static boolean hasFailed(Pod pod) {
    return pod.getStatus() != null
        && ("Failed".equals(pod.getStatus().getPhase())
            || pod.getStatus().getContainerStatuses().stream()
                .filter(Remains::hasEnded)
                .anyMatch(s -> s.getState().getTerminated().getExitCode() != 0));
  }

  private static boolean runs(ContainerStatus container) {
    return container.getState() != null && container.getState().getRunning() != null;
  }

  private static boolean hasEnded(ContainerStatus container) {
    return container.getState() != null && container.getState().getTerminated() != null;
  }

  /**
   * Whether nothing of a worker runs, or will. A pod that is being deleted is not gone, and one on
   * a lost node may run on: gone is what the cluster has seen to end.
   *
   * @param job null when it is gone
   * @param pods all of the Job's; one that has lost its Job would stay for ever (K18)
   */
  static boolean isGone(@Nullable Job job, List<Pod> pods) {
    if (!pods.stream().allMatch(Remains::isOver)) {
      return false;
    }
    if (job == null) {
      return pods.stream().noneMatch(Orphans::isOrphan);
    }
    if (job.getMetadata().getDeletionTimestamp() != null || finished(job).isPresent()) {
      return true;
    }
    // It makes no pod after one that ended (K3), though it may take a second to see that; in place
    // of one that is taken away it may, on clusters that know no podReplacementPolicy (K4).
    return !pods.isEmpty()
        && pods.stream().allMatch(pod -> pod.getMetadata().getDeletionTimestamp() == null);
  }

  /** The condition that says that a Job makes no pod any more (K6). */
  static Optional<JobCondition> finished(Job job) {
    return job.getStatus() == null
        ? Optional.empty()
        : job.getStatus().getConditions().stream()
            .filter(c -> "True".equals(c.getStatus()))
            .filter(c -> "Complete".equals(c.getType()) || "Failed".equals(c.getType()))
            .findFirst();
  }
}
