package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;

/**
 * What stays of failed workers for somebody to look at. A Job's own time to live removes it; a pod
 * that lost its Job has none.
 *
 * @param span how long; empty: nothing stays
 */
record Retention(Optional<Duration> span, InstantSource clock) {

  boolean isOn() {
    return span.isPresent();
  }

  /** Whether a pod without a Job has failed, and that not too long ago. */
  boolean keeps(Pod orphan) {
    return span.isPresent()
        && Remains.isOver(orphan)
        && Remains.hasFailed(orphan)
        && ended(orphan).plus(span.get()).isAfter(clock.instant());
  }

  // Of a container that never began, or was lost with its node, nobody knows an end.
  private static Instant ended(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .map(ContainerStatus::getState)
        .filter(state -> state != null && state.getTerminated() != null)
        .map(state -> state.getTerminated().getFinishedAt())
        .filter(Objects::nonNull)
        .map(Instant::parse)
        .max(Comparator.naturalOrder())
        .orElseGet(() -> Instant.parse(pod.getMetadata().getCreationTimestamp()));
  }
}
