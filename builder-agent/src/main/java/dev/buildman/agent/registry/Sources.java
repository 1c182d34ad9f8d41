package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where something is pulled from: each mirror once, then the registry with all its tries. A mirror
 * that cannot be reached is left alone from then on.
 */
final class Sources {
  private static final Logger log = LoggerFactory.getLogger(Sources.class);

  private final Mirrors mirrors;
  private final Retry atRegistry;
  private final Retry atMirror;
  private final Set<String> away = ConcurrentHashMap.newKeySet();

  /** A pull from one place. */
  @FunctionalInterface
  interface Pull<T> {
    T run(Repository from, Retry tries) throws RegistryException, InterruptedException;
  }

  Sources(Mirrors mirrors, Retry atRegistry, Retry atMirror) {
    this.mirrors = mirrors;
    this.atRegistry = atRegistry;
    this.atMirror = atMirror;
  }

  <T> T pull(Repository origin, Pull<T> pull) throws RegistryException, InterruptedException {
    List<Repository> places = mirrors.of(origin);
    for (Repository mirror : places) {
      if (away.contains(mirror.registry())) {
        continue;
      }
      try {
        return pull.run(mirror, atMirror);
      } catch (RegistryException e) {
        if (e.kind() == Kind.LOCAL) {
          throw e;
        }
        if (e.kind() == Kind.UNREACHABLE || e.kind() == Kind.TLS || e.kind() == Kind.TIMEOUT) {
          away.add(mirror.registry());
        }
        log.info("mirror is passed over: of={}, because={}", origin, e.getMessage());
      }
    }
    return pull.run(origin, atRegistry);
  }
}
