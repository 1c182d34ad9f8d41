package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.RegistryException.Kind;
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
   * @throws EngineFailure what {@link RegistryFailures#push} makes of a refusal, {@code PUSH_ISSUE}
   *     when something else is served then, or what the permit throws
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
        if (e.kind() == Kind.TAG_IMMUTABLE && serves(tag, manifest.digest())) {
          log.status(tag.tag() + ": is this image already, digest: " + manifest.digest());
          return;
        }
        boolean worthwhile = e.kind().isTransient() || e.kind() == Kind.DIGEST_MISMATCH;
        if (!worthwhile || sent >= tries) {
          throw RegistryFailures.push(tag, e);
        }
        Duration asked = e.retryAfter();
        Duration pause = asked == null ? PAUSE.multipliedBy(sent) : asked;
        sleeper.sleep(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
      }
    }
  }

  /** A tag that an earlier attempt put is no conflict. */
  private boolean serves(ImageReference tag, Digest pushed) throws InterruptedException {
    try {
      return registry.digest(tag).filter(pushed::equals).isPresent();
    } catch (RegistryException e) {
      return false;
    }
  }

  private void compare(ImageReference tag, Digest pushed)
      throws EngineFailure, RegistryException, InterruptedException {
    Digest served;
    try {
      served = registry.digest(tag).orElse(null);
    } catch (RegistryException e) {
      if (e.kind().isTransient()) {
        throw e;
      }
      // It took the push and does not let it be read: by credentials that only write, or by a
      // policy for what is not scanned yet. It named the digest when it took the manifest.
      log.status(tag.tag() + ": the registry does not let it be read back: " + e.getMessage());
      return;
    }
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
