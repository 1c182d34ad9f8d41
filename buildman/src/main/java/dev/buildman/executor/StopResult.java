package dev.buildman.executor;

/** What a request to stop came to. Only {@link Presence.Gone} says that a worker has ended. */
public sealed interface StopResult {

  /** The control plane took the request, or knows no such worker. */
  record Asked() implements StopResult {}

  /** Not asked: the caller repeats it later. */
  record Failed(String sentence) implements StopResult {}
}
