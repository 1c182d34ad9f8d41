package dev.buildman.agent.engine.docker;

import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.EngineLog;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Whose daemon it is: both speak Docker's API, and each builds in its own way. */
enum DaemonKind {
  DOCKER("docker", "docker.io") {
    @Override
    DaemonAddress address(Map<String, String> variables) {
      return DaemonAddress.docker(variables);
    }

    @Override
    Set<Ability> abilities() {
      return EnumSet.of(Ability.RUN, Ability.RUN_LIMITS, Ability.CACHE_REFS);
    }
  },
  PODMAN("podman", "podman") {
    @Override
    DaemonAddress address(Map<String, String> variables) {
      return DaemonAddress.podman(variables);
    }

    @Override
    Set<Ability> abilities() {
      return EnumSet.of(Ability.RUN, Ability.RUN_LIMITS);
    }

    @Override
    boolean takesLink(String path, EngineLog log) {
      log.status(
          "Left out of the context: " + path + " leads out of it, and Podman takes no such link");
      return false;
    }
  };

  private final String word;
  private final String debianPackage;

  DaemonKind(String word, String debianPackage) {
    this.word = word;
    this.debianPackage = debianPackage;
  }

  /** The engine's name. */
  String word() {
    return word;
  }

  /** The Debian package that brings the daemon. */
  String debianPackage() {
    return debianPackage;
  }

  abstract DaemonAddress address(Map<String, String> variables);

  abstract Set<Ability> abilities();

  /**
   * Whether a context may hold a link that leads out of it. Docker unpacks where nothing is
   * outside; Podman refuses the whole context without a word.
   */
  boolean takesLink(String path, EngineLog log) {
    return true;
  }
}
