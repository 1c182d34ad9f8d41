package dev.buildman.model;

import java.util.List;
import java.util.Map;

/**
 * What a client asked for, checked; immutable. Build arguments are not secrets: they stand in the
 * image's history.
 *
 * @param registry host[:port] that the image is pushed to
 * @param tags at least one
 * @param context folder inside the source, relative, without {@code ..}; empty: its root
 * @param dockerfile path inside the source, relative, without {@code ..}; empty: {@code Dockerfile}
 *     in the context
 * @param target stage to build; empty: the last
 * @param push for {@code registry}
 * @param pull by registry host[:port]
 * @param needs what the engine must be able to do beside
 */
public record BuildSpec(
    RepositoryName repository,
    String registry,
    List<String> tags,
    Source source,
    String context,
    String dockerfile,
    Map<String, String> buildArgs,
    Map<String, String> labels,
    String target,
    boolean noCache,
    Credentials push,
    Map<String, Credentials> pull,
    EngineNeeds needs) {
  public BuildSpec {
    tags = List.copyOf(tags);
    buildArgs = Map.copyOf(buildArgs);
    labels = Map.copyOf(labels);
    pull = Map.copyOf(pull);
    if (tags.isEmpty()) {
      throw new IllegalArgumentException("a build needs at least one tag");
    }
  }
}
