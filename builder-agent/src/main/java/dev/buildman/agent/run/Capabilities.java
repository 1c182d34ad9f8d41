package dev.buildman.agent.run;

import java.util.Set;

/**
 * What agents of this version can do beyond Quay's, by the names of the build pack's fields. A
 * manager gives no build to an agent that lacks what the build needs.
 */
public final class Capabilities {
  private Capabilities() {}

  /** Everything that is announced. */
  public static final Set<String> ALL =
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
          "package_url.data",
          "git_package.token",
          "git_package.ref");
}
