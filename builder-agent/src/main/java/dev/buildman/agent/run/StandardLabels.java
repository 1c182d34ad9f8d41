package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.source.FetchedSource;
import dev.buildman.agent.source.SourceLocation;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The labels by which OCI images name where they came from. What the author of the Dockerfile or
 * the client says stays as it is; what a base image says of itself is replaced, as it is not true
 * of this image.
 */
final class StandardLabels {
  private static final String PREFIX = "org.opencontainers.image.";

  private StandardLabels() {}

  /**
   * The options with the labels that a build is given.
   *
   * @param now where no source date is given
   */
  static BuildOptions on(
      SourceLocation location,
      FetchedSource source,
      Dockerfile dockerfile,
      BuildOptions options,
      Instant now) {
    Map<String, String> labels = new HashMap<>();
    String commit = source.commit();
    if (commit != null) {
      labels.put(PREFIX + "revision", commit);
    }
    if (location instanceof SourceLocation.Git git) {
      labels.put(PREFIX + "source", shown(git.url()));
    }
    Set<String> said = said(dockerfile);
    labels.keySet().removeAll(said);
    labels.putAll(options.labels());
    boolean dated =
        said.contains(BuildOptions.CREATED) || options.labels().containsKey(BuildOptions.CREATED);
    Instant created = options.sourceDate() == null ? now : options.sourceDate();
    return options.withLabels(labels, dated ? null : created);
  }

  /** Any stage counts: which one the image comes from does not matter to a name that is its. */
  private static Set<String> said(Dockerfile dockerfile) {
    Set<String> names = new HashSet<>();
    for (Stage stage : dockerfile.stages()) {
      for (Instruction instruction : stage.instructions()) {
        if (instruction instanceof Instruction.Label label) {
          label.labels().forEach(pair -> names.add(pair.name().replaceAll("^[\"']|[\"']$", "")));
        }
      }
    }
    return names;
  }

  /** Without a user, a password and what may be signed. */
  private static String shown(String url) {
    try {
      URI uri = URI.create(url);
      if (uri.getHost() == null) {
        return url;
      }
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return uri.getScheme() + "://" + uri.getHost() + port + uri.getRawPath();
    } catch (IllegalArgumentException e) {
      // git's user@host:path, whose user is no secret.
      return url;
    }
  }
}
