package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import dev.buildman.model.Reason;
import dev.buildman.model.WorkerExit;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a Job, its pods and its events as what happened to a worker. The cause always stands on the
 * pod: a Job's own condition is the same for a wrong command, a lack of memory and a lost node
 * (K5).
 */
final class WorkerSight {
  // A registry may be away for a moment; the kubelet tries again after 10, 20 and 40 s (K10).
  private static final Duration PULL_PATIENCE = Duration.ofSeconds(90);
  // Our Secret is made right after the Job; the kubelet looks again every 10 to 13 s (K12).
  private static final Duration CONFIG_PATIENCE = Duration.ofSeconds(30);
  // What an autoscaler needs for a node (K11).
  private static final Duration NODE_PATIENCE = Duration.ofMinutes(3);
  private static final Duration NONE = Duration.ZERO;

  private static final String IMAGE_CURE =
      "; check the worker's image in the configuration, and IMAGE_PULL_SECRET_NAME";

  private static final Set<String> IMAGE_NEVER =
      Set.of("InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
  private static final Set<String> IMAGE_LATER =
      Set.of("ErrImagePull", "ImagePullBackOff", "RegistryUnavailable");
  private static final Set<String> CONFIG =
      Set.of("CreateContainerConfigError", "CreateContainerError", "RunContainerError");

  private WorkerSight() {}

  /**
   * Reads.
   *
   * @param job null when it is gone
   * @param pods all of the Job's, usually one
   * @param events warnings of the Job and its pods, newest last
   */
  static Sight read(@Nullable Job job, List<Pod> pods, List<Event> events) {
    Optional<Pod> last = pods.stream().max(Comparator.comparing(p -> created(p)));
    if (last.isEmpty()) {
      return withoutPod(job, events);
    }
    Pod pod = last.get();
    Optional<Sight> taken = takenAway(pod);
    if (taken.isPresent()) {
      return taken.get();
    }
    Optional<ContainerStatus> worker = worker(pod);
    Optional<ContainerStateTerminated> terminated =
        worker.map(ContainerStatus::getState).map(s -> s.getTerminated());
    if (terminated.isPresent()) {
      return ended(pod, terminated.get(), events);
    }
    if (Remains.isOver(pod)) {
      return neverBegan(pod, events);
    }
    return pending(pod, worker, events);
  }

  private static String created(Pod pod) {
    return String.valueOf(pod.getMetadata().getCreationTimestamp());
  }

  /** How a worker that is gone has ended, as far as it is known without its log. */
  static Exit exit(@Nullable Job job, List<Pod> pods) {
    return read(job, pods, List.of()) instanceof Sight.Ended ended ? ended.exit() : Exit.unknown();
  }

  // Before there is a pod only the Job's events speak: a quota leaves no other trace (K8).
  private static Sight withoutPod(@Nullable Job job, List<Event> events) {
    if (job == null) {
      return new Sight.Ended(new Exit(WorkerExit.unknown(), List.of("Its Job was deleted.")), "");
    }
    // A Job that begins to fail has its pod yet, though it may not be known here so soon.
    Optional<JobCondition> finished = Remains.finished(job);
    if (finished.isPresent()) {
      JobCondition end = finished.get();
      String words = "Its Job ended as %s: %s".formatted(end.getReason(), end.getMessage());
      return new Sight.Ended(new Exit(WorkerExit.unknown(), List.of(words)), "");
    }
    return last(events, "FailedCreate")
        .<Sight>map(
            event ->
                ApiAnswer.isQuota(event.getMessage())
                    ? trouble(Reason.QUOTA_EXCEEDED, event.getMessage(), NONE)
                    : trouble(Reason.EXECUTOR_UNAVAILABLE, event.getMessage(), NONE))
        .orElseGet(Sight.Well::new);
  }

  private static Optional<Sight> takenAway(Pod pod) {
    Optional<PodCondition> disrupted = condition(pod, "DisruptionTarget", "True");
    if (disrupted.isPresent()) {
      PodCondition why = disrupted.get();
      return Optional.of(
          new Sight.TakenAway(
              disruption(String.valueOf(why.getReason())),
              "%s: %s".formatted(why.getReason(), words(why.getMessage()))));
    }
    String reason = pod.getStatus() == null ? null : pod.getStatus().getReason();
    String message = pod.getStatus() == null ? "" : words(pod.getStatus().getMessage());
    if (reason == null || ownDisk(reason, message)) {
      return Optional.empty();
    }
    return switch (reason) {
      case "Evicted" -> taken(Reason.EVICTED, reason, message);
      case "NodeLost" -> taken(Reason.NODE_LOST, reason, message);
      case "NodeShutdown", "Terminated", "Shutdown" -> taken(Reason.NODE_DRAINED, reason, message);
      // The scheduler and the node disagreed: the pod never ran (K14).
      case "NodeAffinity", "UnexpectedAdmissionError", "Preempting" ->
          taken(Reason.PREEMPTED, reason, message);
      default ->
          reason.startsWith("OutOf") ? taken(Reason.PREEMPTED, reason, message) : Optional.empty();
    };
  }

  private static Reason disruption(String reason) {
    return switch (reason) {
      case "PreemptionByScheduler" -> Reason.PREEMPTED;
      case "EvictionByEvictionAPI" -> Reason.NODE_DRAINED;
      case "DeletionByTaintManager", "DeletionByPodGC" -> Reason.NODE_LOST;
      default -> Reason.EVICTED;
    };
  }

  private static Optional<Sight> taken(Reason reason, String code, String message) {
    return Optional.of(new Sight.TakenAway(reason, code + ": " + message));
  }

  // Evicted for what it wrote itself: an end like any other, and not the cluster's doing.
  private static boolean ownDisk(String reason, String message) {
    return reason.equals("Evicted")
        && (message.contains("exceeds the limit") || message.contains("exceeds the total limit"));
  }

  private static Sight ended(Pod pod, ContainerStateTerminated end, List<Event> events) {
    boolean outOfMemory = "OOMKilled".equals(end.getReason());
    int code = end.getExitCode() == null ? -1 : end.getExitCode();
    WorkerExit how;
    if (outOfMemory) {
      how = new WorkerExit(code < 0 ? OptionalInt.empty() : OptionalInt.of(code), 0, true);
    } else if (end.getSignal() != null && end.getSignal() != 0) {
      how = WorkerExit.bySignal(end.getSignal());
    } else {
      how = exit(code);
    }
    List<String> lines = new ArrayList<>(warnings(events));
    // StartError and the like: the runtime's words are all there is of a container that never ran.
    if (end.getReason() != null && !Set.of("Error", "Completed").contains(end.getReason())) {
      lines.add(end.getReason() + ": " + words(end.getMessage()));
    } else if (end.getMessage() != null) {
      end.getMessage().lines().forEach(lines::add);
    }
    if (pod.getStatus().getReason() != null) {
      lines.add(pod.getStatus().getReason() + ": " + words(pod.getStatus().getMessage()));
    }
    return new Sight.Ended(new Exit(how, lines), pod.getMetadata().getName());
  }

  /** By an exit status as a shell sees it; less than 0: none is known. */
  static WorkerExit exit(int code) {
    if (code > 128 && code <= 128 + 64) {
      return WorkerExit.bySignal(code - 128);
    }
    return code < 0 ? WorkerExit.unknown() : WorkerExit.withStatus(code);
  }

  // An init container failed, or the node refused the pod.
  private static Sight neverBegan(Pod pod, List<Event> events) {
    List<String> lines = new ArrayList<>(warnings(events));
    pod.getStatus().getInitContainerStatuses().stream()
        .filter(s -> s.getState() != null && s.getState().getTerminated() != null)
        .map(
            s ->
                "init container %s ended with exit status %d"
                    .formatted(s.getName(), s.getState().getTerminated().getExitCode()))
        .forEach(lines::add);
    if (pod.getStatus().getReason() != null) {
      lines.add(pod.getStatus().getReason() + ": " + words(pod.getStatus().getMessage()));
    }
    return new Sight.Ended(new Exit(WorkerExit.unknown(), lines), pod.getMetadata().getName());
  }

  private static Sight pending(Pod pod, Optional<ContainerStatus> worker, List<Event> events) {
    Optional<PodCondition> unscheduled = condition(pod, "PodScheduled", "False");
    if (unscheduled.isPresent()) {
      return trouble(Reason.UNSCHEDULABLE, words(unscheduled.get().getMessage()), NODE_PATIENCE);
    }
    Optional<Sight> waiting =
        worker
            .map(ContainerStatus::getState)
            .map(s -> s.getWaiting())
            .or(() -> waitingInit(pod))
            .flatMap(WorkerSight::waiting);
    if (waiting.isPresent()) {
      return waiting.get();
    }
    boolean begun = worker.map(ContainerStatus::getState).map(s -> s.getRunning()).isPresent();
    if (begun) {
      return new Sight.Well();
    }
    return last(events, "FailedMount")
        .<Sight>map(e -> trouble(Reason.NEVER_REGISTERED, e.getMessage(), CONFIG_PATIENCE))
        .orElseGet(Sight.Well::new);
  }

  private static Optional<ContainerStateWaiting> waitingInit(Pod pod) {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getInitContainerStatuses().stream()
            .map(ContainerStatus::getState)
            .filter(s -> s != null && s.getWaiting() != null)
            .map(s -> s.getWaiting())
            .findFirst();
  }

  private static Optional<Sight> waiting(ContainerStateWaiting state) {
    String reason = String.valueOf(state.getReason());
    String words = reason + ": " + words(state.getMessage());
    if (IMAGE_NEVER.contains(reason)) {
      return Optional.of(trouble(Reason.IMAGE_PULL_FAILED, words + IMAGE_CURE, NONE));
    }
    if (IMAGE_LATER.contains(reason)) {
      return Optional.of(trouble(Reason.IMAGE_PULL_FAILED, words + IMAGE_CURE, PULL_PATIENCE));
    }
    if (CONFIG.contains(reason)) {
      return Optional.of(
          isSeccomp(words)
              ? trouble(Reason.SECCOMP_PROFILE_MISSING, words, NONE)
              : trouble(Reason.NEVER_REGISTERED, words, CONFIG_PATIENCE));
    }
    return Optional.empty();
  }

  private static boolean isSeccomp(String words) {
    return words.contains("seccomp") && words.contains("profile");
  }

  private static Optional<ContainerStatus> worker(Pod pod) {
    List<ContainerStatus> all =
        pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
    return all.size() == 1
        ? Optional.of(all.getFirst())
        : all.stream().filter(s -> JobManifest.CONTAINER.equals(s.getName())).findFirst();
  }

  private static Optional<PodCondition> condition(Pod pod, String type, String status) {
    return pod.getStatus() == null
        ? Optional.empty()
        : pod.getStatus().getConditions().stream()
            .filter(c -> type.equals(c.getType()) && status.equals(c.getStatus()))
            .findFirst();
  }

  private static Optional<Event> last(List<Event> events, String reason) {
    return events.stream().filter(e -> reason.equals(e.getReason())).reduce((_, later) -> later);
  }

  private static List<String> warnings(List<Event> events) {
    return events.stream()
        .map(e -> e.getReason() + ": " + words(e.getMessage()))
        .distinct()
        .toList();
  }

  private static Sight trouble(Reason reason, String words, Duration patience) {
    return new Sight.Trouble(reason, reason.sentence() + " " + words, patience);
  }

  private static String words(@Nullable String message) {
    return message == null ? "" : message.strip().replaceAll("\\s+", " ");
  }
}
