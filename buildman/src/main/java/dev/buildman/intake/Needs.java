package dev.buildman.intake;

import dev.buildman.model.BuildSpec;
import dev.buildman.model.Source;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an agent must be able to do for a build, beyond what Quay's worker can; by the names of the
 * BuildPack's fields. An agent that cannot never gets the build, so nothing that was asked for is
 * silently dropped.
 */
final class Needs {

  private static final String TOKEN_USER = "$token";

  private Needs() {}

  static Set<String> of(BuildSpec spec) {
    Set<String> needs = new TreeSet<>();
    add(needs, !spec.buildArgs().isEmpty(), "build_args");
    add(needs, !spec.labels().isEmpty(), "labels");
    add(needs, !spec.target().isEmpty(), "target");
    add(needs, spec.noCache(), "no_cache");
    add(needs, !spec.pull().isEmpty(), "registry_auth");
    String pusher = spec.push().username();
    add(needs, !pusher.isEmpty() && !pusher.equals(TOKEN_USER), "push_username");
    switch (spec.source()) {
      case Source.Git git -> add(needs, !git.token().isEmpty(), "git_token");
      case Source.PackageUrl packageUrl ->
          add(needs, packageUrl.url().reveal().regionMatches(true, 0, "data:", 0, 5), "data_url");
      // Served to agents that know only package URLs as such.
      case Source.Inline _, Source.Uploaded _ -> {}
    }
    return needs;
  }

  private static void add(Set<String> needs, boolean needed, String capability) {
    if (needed) {
      needs.add(capability);
    }
  }
}
