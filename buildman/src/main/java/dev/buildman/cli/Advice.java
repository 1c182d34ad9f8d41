package dev.buildman.cli;

import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import java.util.Optional;

/** What a person can do about a build that went wrong. */
final class Advice {

  private Advice() {}

  /** Empty for a build that is complete or under way. */
  static Optional<String> after(Build build) {
    String id = BuildIds.shortened(build);
    if (build.getPhase() == Phase.PHASE_INTERNAL_ERROR) {
      return Optional.of(
          "The machinery failed, not your build: 'buildman retry %s' asks for it again."
              .formatted(id));
    }
    if (build.getPhase() == Phase.PHASE_CANCELLED) {
      return Optional.of("'buildman retry %s' asks for it again.".formatted(id));
    }
    if (build.getPhase() != Phase.PHASE_ERROR) {
      return Optional.empty();
    }
    String what =
        switch (build.getReason()) {
          case "DOCKERFILE_INVALID" -> "Correct the Dockerfile, then build again.";
          case "GIT_FAILED", "GIT_REF_NOT_FOUND" ->
              "Check the repository's URL, the ref, and the key or token it needs.";
          case "SOURCE_UNAVAILABLE", "SOURCE_INVALID" ->
              "Check that the source can be downloaded and is a gzipped tar, a zip or a"
                  + " Dockerfile.";
          case "BASE_IMAGE_UNAVAILABLE" ->
              "Check the base image's name, and give credentials with --docker-config if it is"
                  + " private.";
          case "PUSH_FAILED", "PUSH_DENIED" ->
              "Check the repository's name and the push credentials.";
          case "REGISTRY_QUOTA" ->
              "Delete images there or have the quota raised, then build again.";
          case "TAG_IMMUTABLE" -> "Push to a tag that does not exist yet.";
          case "PUSH_REJECTED" -> "The registry's own words say what it does not take.";
          case "BUILD_TIMEOUT" -> "Allow more time with --timeout.";
          case "AGENT_LACKS_CAPABILITY", "UNSATISFIABLE" ->
              "No executor here can do what the build asks for; the reason names it.";
          default -> "The log says which step failed: 'buildman logs %s'.".formatted(id);
        };
    return Optional.of(what);
  }
}
