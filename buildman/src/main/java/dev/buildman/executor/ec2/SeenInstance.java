package dev.buildman.executor.ec2;

import dev.buildman.executor.SeenWorker;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;

/**
 * A worker's instance as the provider described it.
 *
 * @param reason code of what last changed its state; empty: none
 * @param words of the provider on that; empty: none
 * @param kept whether a person asked by a tag to leave it alone
 */
record SeenInstance(
    String id,
    SeenWorker worker,
    InstanceStateName state,
    String reason,
    String words,
    boolean spot,
    boolean kept,
    Instant launched) {

  /** Empty when the instance is no worker of ours. */
  static Optional<SeenInstance> of(Instance instance) {
    return InstanceTags.worker(instance.instanceId(), instance.tags())
        .map(worker -> of(instance, worker));
  }

  /** One that is known to be a worker's, whatever its tags say by now. */
  static SeenInstance of(Instance instance, SeenWorker worker) {
    return new SeenInstance(
        instance.instanceId(),
        worker,
        instance.state().name(),
        instance.stateReason() == null ? "" : text(instance.stateReason().code()),
        words(instance),
        instance.instanceLifecycle() == InstanceLifecycleType.SPOT,
        InstanceTags.isKept(instance.tags()),
        instance.launchTime() == null ? Instant.EPOCH : instance.launchTime());
  }

  private static String words(Instance instance) {
    String reason = instance.stateReason() == null ? "" : text(instance.stateReason().message());
    return reason.isEmpty() ? text(instance.stateTransitionReason()) : reason;
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value.strip();
  }

  /** Nothing of it runs, or can again. */
  boolean isGone() {
    return state == InstanceStateName.TERMINATED;
  }

  /** Its machine runs, or begins to. */
  boolean isAlive() {
    return state == InstanceStateName.PENDING || state == InstanceStateName.RUNNING;
  }
}
