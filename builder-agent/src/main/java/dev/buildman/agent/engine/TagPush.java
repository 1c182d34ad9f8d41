package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.time.Duration;

/**
 * Puts tags. The permit is asked before each request, repeats too: a client that repeated by itself
 * could put a tag long after the lease was lost.
 */
public final class TagPush {

  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

  private final RegistryClient registry;
  private final Sleeper sleeper;
  private final int tries;
  private final PushPermit permit;
  private final EngineLog log;

  /**
   * @param registry a client that sends each request once
   * @param tries requests for each tag, at least 1
   */
  TagPush(RegistryClient registry, int tries, Sleeper sleeper, PushPermit permit, EngineLog log) {
    this.registry = registry;
    this.tries = tries;
    this.sleeper = sleeper;
    this.permit = permit;
    this.log = log;
  }

  /**
   * Puts one tag and compares what the registry serves then.
   *
   * @throws EngineFailure {@code PUSH_ISSUE}, or what the permit throws
   */
  public void put(ImageReference tag, Manifest manifest)
      throws EngineFailure, InterruptedException {
    for (int sent = 1; ; sent++) {
      permit.await();
      try {
        registry.putManifest(tag, manifest);
        compare(tag, manifest.digest());
        log.status(
            tag.tag() + ": digest: " + manifest.digest() + " size: " + manifest.bytes().length);
        return;
      } catch (RegistryException e) {
        if (!e.kind().isTransient() || sent >= tries) {
          throw EngineFailure.of(
              FailureCode.PUSH_ISSUE,
              "the image could not be pushed to " + tag + ": " + e.getMessage(),
              e);
        }
        Duration asked = e.retryAfter();
        Duration pause = asked == null ? PAUSE.multipliedBy(sent) : asked;
        sleeper.sleep(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
      }
    }
  }

  private void compare(ImageReference tag, Digest pushed)
      throws EngineFailure, RegistryException, InterruptedException {
    Digest served = registry.digest(tag).orElse(null);
    if (!pushed.equals(served)) {
      throw EngineFailure.of(
          FailureCode.PUSH_ISSUE,
          tag
              + " was pushed as "
              + pushed
              + " and the registry now serves "
              + (served == null ? "nothing" : served)
              + "; another push may have come between, build again.");
    }
  }
}
