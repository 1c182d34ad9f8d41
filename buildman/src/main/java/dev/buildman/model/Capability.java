package dev.buildman.model;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an agent may be able to do beyond Quay's. A build that needs one never goes to an agent that
 * does not name it, so that nothing that was asked for is silently dropped.
 */
public enum Capability {
  BUILD_ARGS("build_args"),
  LABELS("labels"),
  TARGET("target"),
  NO_CACHE("no_cache"),
  /** Credentials of registries other than the one that is pushed to. */
  REGISTRY_AUTH("registry_auth"),
  /** To push as somebody else than {@code $token}. */
  PUSH_USERNAME("push_username"),
  INLINE_DOCKERFILE("inline_dockerfile"),
  /** A package whose bytes stand in its URL. */
  DATA_URL("package_url.data"),
  /** Git over http with a token. */
  GIT_TOKEN("git_package.token");

  /** The user that Quay's agent pushes as, whatever it is told. */
  public static final String TOKEN_USER = "$token";

  private final String word;

  Capability(String word) {
    this.word = word;
  }

  /** The word on the wire: the field of the build pack that it stands for. */
  public String word() {
    return word;
  }

  /** The words of all of them, for an agent that can do everything. */
  public static Set<String> allWords() {
    return Arrays.stream(values()).map(Capability::word).collect(Collectors.toUnmodifiableSet());
  }

  /** What an agent must be able to do for this build; empty: any agent will do. */
  public static Set<Capability> neededBy(BuildSpec spec) {
    Set<Capability> needed = EnumSet.noneOf(Capability.class);
    add(needed, BUILD_ARGS, !spec.buildArgs().isEmpty());
    add(needed, LABELS, !spec.labels().isEmpty());
    add(needed, TARGET, !spec.target().isEmpty());
    add(needed, NO_CACHE, spec.noCache());
    add(
        needed,
        REGISTRY_AUTH,
        spec.pull().keySet().stream().anyMatch(registry -> !registry.equals(spec.registry())));
    String user = spec.push().username();
    add(needed, PUSH_USERNAME, !user.isEmpty() && !user.equals(TOKEN_USER));
    switch (spec.source()) {
      case Source.Inline _ -> needed.add(INLINE_DOCKERFILE);
      case Source.PackageUrl(Secret url) ->
          add(needed, DATA_URL, url.reveal().regionMatches(true, 0, "data:", 0, 5));
      case Source.Git git -> add(needed, GIT_TOKEN, !git.token().isEmpty());
      case Source.Uploaded _ -> {}
    }
    return needed;
  }

  private static void add(Set<Capability> needed, Capability capability, boolean really) {
    if (really) {
      needed.add(capability);
    }
  }
}
