package dev.buildman.agent.engine;

import dev.buildman.agent.registry.ImageReference;
import java.util.List;

/**
 * One build in an engine: {@link #pull}, {@link #build} and {@link #push} are called once each, in
 * this order, by one thread. Interrupting that thread ends each of them within a second with {@link
 * InterruptedException}; what the engine started is ended too.
 */
public interface EngineBuild extends AutoCloseable {

  /**
   * Pulls the base images that the target needs.
   *
   * @return in the order of the Dockerfile; empty for a build from scratch
   * @throws EngineFailure {@code CANNOT_PULL_BASE_IMAGE} naming the image
   */
  List<BaseImage> pull() throws EngineFailure, InterruptedException;

  /**
   * Whether an image that an earlier build pushed would spare this one any step. The manager is
   * asked for one only then.
   */
  default boolean gainsFromEarlierImage() {
    return false;
  }

  /**
   * Pulls such an image as a cache; called at most once, after {@link #pull}. That it cannot be had
   * or is of no use is logged and fails no build.
   */
  default void prime(ImageReference earlier) throws InterruptedException {}

  /**
   * Runs the instructions.
   *
   * @throws EngineFailure with the step and line that failed
   */
  BuiltImage build() throws EngineFailure, InterruptedException;

  /**
   * Pushes to every tag of the request: first all content, the tags last. The permit is asked
   * before anything is uploaded, between uploads and before each tag.
   *
   * @return what the registry serves under the tags, compared with what was pushed
   * @throws EngineFailure {@code PUSH_ISSUE} when the registry refuses; {@code
   *     CLIENT_REJECTED_TRANSITION} when the permit was revoked
   */
  PushResult push(PushPermit permit) throws EngineFailure, InterruptedException;

  /**
   * Ends what still runs and removes what the engine keeps of this build. Idempotent; failures are
   * logged.
   */
  @Override
  void close();
}
