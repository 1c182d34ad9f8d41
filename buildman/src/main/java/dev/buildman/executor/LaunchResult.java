package dev.buildman.executor;

/** What a launch came to. Sentences are for people and carry no secret. */
public sealed interface LaunchResult {

  /** The control plane took the launch; the worker exists or will. */
  record Started(ExecutionId execution) implements LaunchResult {}

  /** Certain: no worker exists and none will appear from this call. */
  record SurelyNothing(FailureClass failure, String sentence) implements LaunchResult {}

  /** A time-out, a reset, a 5xx, an interrupt: a worker may exist, or appear later. */
  record Unknown(String sentence) implements LaunchResult {}
}
