package dev.buildman.agent.engine;

/**
 * The right to push: an agent whose lease may have lapsed must not, as another worker may be
 * building the same tags.
 */
@FunctionalInterface
public interface PushPermit {

  /**
   * Returns at once while the lease is good, waits while it is uncertain.
   *
   * @throws EngineFailure {@code CLIENT_REJECTED_TRANSITION} when the lease is lost for good
   * @throws InterruptedException when the thread is interrupted
   */
  void await() throws EngineFailure, InterruptedException;
}
