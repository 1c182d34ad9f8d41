package dev.buildman.agent.run;

import dev.buildman.agent.engine.Ability;
import java.util.Set;
import java.util.TreeSet;

/**
 * What agents of this version can do beyond Quay's, by the names of the build pack's fields. A
 * manager gives no build to an agent that lacks what the build needs.
 */
public final class Capabilities {
  private Capabilities() {}

  /** What is announced whatever engine there is. */
  static final Set<String> OF_EVERY_AGENT =
      Set.of(
          "build_args",
          "labels",
          "target",
          "no_cache",
          "registry_auth",
          "push_username",
          "inline_dockerfile",
          "insecure_registries",
          "package_digest",
          "source_image",
          "package_url.data",
          "git_package.token",
          "git_package.known_hosts",
          "git_package.submodules",
          "git_package.ref");

  /** Everything that is announced, with what the engines of this machine add. */
  public static Set<String> with(Set<Ability> abilities) {
    Set<String> all = new TreeSet<>(OF_EVERY_AGENT);
    abilities.forEach(ability -> all.add(ability.word()));
    return all;
  }
}
