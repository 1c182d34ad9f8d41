package dev.buildman.model;

/**
 * Why a phase was entered or left, or why a build waits. The names are stable: clients and alerts
 * match them. The sentence is for people; whoever reports a reason may give a more telling one.
 */
public enum Reason {
  // Waiting
  ENQUEUED("The build was enqueued."),
  REPOSITORY_BUSY("Another build of the same repository goes first."),
  NAMESPACE_LIMIT("The namespace runs as many builds as it may."),
  CAPACITY_WAIT("All workers are busy."),
  FAILOVER_WAIT("Redis failed over: nothing is started while an agent may live that it forgot."),
  EXECUTOR_FULL("The executor runs as many workers as it may."),
  EXECUTOR_DISABLED("The executor was switched off by an operator."),
  NAMESPACE_NOT_ALLOWED("No executor takes builds of this namespace."),
  TRIES_TOO_FEW("The executor takes only builds with more tries left."),
  CIRCUIT_OPEN("The executor failed too often and is left alone for a while."),
  LAUNCH_RATE("The executor starts no more workers at the moment."),
  EXECUTOR_UNAVAILABLE("The executor could not be reached or refused."),
  QUOTA_EXCEEDED("The provider's quota is used up."),
  UNSCHEDULABLE("No node has room for the worker."),
  SECCOMP_PROFILE_MISSING(
      "The worker's node lacks the seccomp profile: install it there, or set ISOLATION."),
  RETRY_DELAYED("The build is repeated after a pause."),
  PUSH_MAY_GO_ON("An earlier attempt may still be pushing."),

  // On its way
  CLAIMED("A manager took the build."),
  ATTEMPT_STARTED("A worker is being started."),
  LAUNCHED("A worker was started."),
  REGISTERED("The agent in the worker registered."),
  PHASE_CHANGED("The agent went on to the next phase."),
  CARRIED("The agent is silent; its worker decides."),
  EXECUTOR_SKIPPED("An executor was passed over."),
  SLOT_RELEASED("A worker was not seen to end in time; its slot was freed."),

  // Ends, and what an attempt was repeated for
  COMPLETED("The image was built and pushed."),
  CANCELLED("The build was cancelled."),
  CANCELLED_WHILE_PUSHING("The build was cancelled while it was pushing; tags may exist."),
  BUILD_TIMEOUT("The build took longer than its time limit."),
  MACHINE_MAX_TIME("The worker reached its longest life."),
  MANAGER_LOST("The manager that had taken the build was lost."),
  MANAGER_WAS_AWAY("The manager was away when the worker needed it."),
  LAUNCH_UNKNOWN("It is not known whether a worker was started."),
  NEVER_REGISTERED("The worker started but its agent never registered."),
  HEARTBEAT_LOST("The agent was not heard any more."),
  WORKER_EXITED("The worker ended without a word of its agent."),
  OOM_KILLED("The worker was killed because it ran out of memory."),
  IMAGE_PULL_FAILED("The worker's image could not be pulled."),
  SPOT_INTERRUPTED("The provider took the spot instance back."),
  PREEMPTED("The worker had to make room for another one."),
  EVICTED("The worker was evicted from its node."),
  NODE_DRAINED("The worker's node was drained."),
  NODE_LOST("The worker's node was lost."),
  UNSATISFIABLE("What the build asks for does not exist there."),
  AGENT_LACKS_CAPABILITY("The agent cannot do what the build needs."),
  AGENT_FAILED("The agent failed."),
  SECRETS_GONE("A secret of the build can no longer be opened."),
  SOURCE_UNAVAILABLE("The source could not be fetched."),
  SOURCE_INVALID("The source could not be unpacked."),
  GIT_FAILED("The git repository could not be cloned."),
  GIT_REF_NOT_FOUND("The commit, branch or tag could not be checked out."),
  DOCKERFILE_INVALID("The Dockerfile is missing or not valid."),
  BASE_IMAGE_UNAVAILABLE("A base image could not be pulled."),
  BUILD_FAILED("A step of the build failed."),
  PUSH_FAILED("The image could not be pushed."),
  PUSH_DENIED("The registry does not allow the push."),
  REGISTRY_QUOTA("The registry's quota leaves no room for the image."),
  TAG_IMMUTABLE("The tag exists and the registry does not let it be moved."),
  PUSH_REJECTED("The registry does not take the image.");

  private final String sentence;

  Reason(String sentence) {
    this.sentence = sentence;
  }

  /** For people; ends with a full stop. */
  public String sentence() {
    return sentence;
  }

  /** The stable code. */
  public String code() {
    return name();
  }
}
