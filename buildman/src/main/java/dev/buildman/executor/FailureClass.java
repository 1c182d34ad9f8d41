package dev.buildman.executor;

/**
 * Why a launch surely started nothing. Each class says who can do something about it; all but
 * {@link #IMPOSSIBLE} are free for the build and lead to the next executor of the chain.
 */
public enum FailureClass {
  /** The control plane was not reached: connection refused, name not found, its binary missing. */
  UNREACHABLE,
  /** It answered no: credentials, rights, admission, a request that it holds for malformed. */
  REFUSED,
  /** An account, namespace or project quota: useless to repeat until something ends (E2, K8). */
  OVER_QUOTA,
  /** It has no room of this kind at the moment (E1). */
  NO_CAPACITY,
  /** Its rate limit (E3, K22). */
  THROTTLED,
  /**
   * What the build itself asked for cannot be had there, now or later: a platform, a size. The
   * build ends with {@code error} and the provider's words.
   */
  IMPOSSIBLE;

  /** Whether the failure speaks of the executor, so that its circuit breaker counts it. */
  public boolean countsForCircuit() {
    return this != IMPOSSIBLE;
  }
}
