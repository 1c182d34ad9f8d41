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
  GIT_TOKEN("git_package.token"),
  /** Git over ssh with host keys that were given. */
  GIT_KNOWN_HOSTS("git_package.known_hosts"),
  /** To leave a repository's submodules out. */
  GIT_SUBMODULES("git_package.submodules"),
  /** A package whose digest is checked. */
  PACKAGE_DIGEST("package_digest"),
  /** To copy an image instead of building one. */
  SOURCE_IMAGE("source_image"),
  PLATFORMS("platforms"),
  SECRETS("secrets"),
  SSH_KEYS("ssh_keys"),
  CACHE_REFS("cache_refs"),
  CACHE_TO("cache_to"),
  RUN_LIMITS("run_limits");

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
      case Source.PackageUrl(Secret url, String digest) -> {
        add(needed, DATA_URL, url.reveal().regionMatches(true, 0, "data:", 0, 5));
        add(needed, PACKAGE_DIGEST, !digest.isEmpty());
      }
      case Source.Git git -> {
        add(needed, GIT_TOKEN, !git.token().isEmpty());
        add(needed, GIT_KNOWN_HOSTS, !git.trust().knownHosts().isEmpty());
        add(needed, GIT_SUBMODULES, !git.trust().submodules());
      }
      case Source.Uploaded _ -> {}
      case Source.Image _ -> needed.add(SOURCE_IMAGE);
    }
    addEngine(needed, spec.needs());
    return needed;
  }

  private static void addEngine(Set<Capability> needed, EngineNeeds needs) {
    add(needed, PLATFORMS, !needs.platforms().isEmpty());
    add(needed, SECRETS, !needs.secrets().isEmpty());
    add(needed, SSH_KEYS, !needs.sshKeys().isEmpty());
    add(needed, CACHE_REFS, !needs.cache().from().isEmpty());
    add(needed, CACHE_TO, !needs.cache().to().isEmpty());
    add(needed, RUN_LIMITS, !needs.limits().equals(EngineNeeds.RunLimits.NONE));
  }

  private static void add(Set<Capability> needed, Capability capability, boolean really) {
    if (really) {
      needed.add(capability);
    }
  }
}
