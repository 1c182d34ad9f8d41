package dev.buildman.intake;

import dev.buildman.model.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client sent, unchecked. An empty text means "not given" everywhere.
 *
 * @param timeout empty: the manager's default; may be negative, as nothing was checked
 */
public record BuildRequest(
    String buildId,
    String idempotencyKey,
    String foreignId,
    Spec spec,
    int priority,
    int tries,
    Optional<Duration> timeout,
    Map<String, String> metadata) {

  /**
   * The image that is wanted, unchecked.
   *
   * @param sources one is right
   * @param pull by registry
   */
  public record Spec(
      String repository,
      String registry,
      List<String> tags,
      List<RequestedSource> sources,
      String context,
      String dockerfile,
      Map<String, String> buildArgs,
      Map<String, String> labels,
      String target,
      boolean noCache,
      RequestedCredentials push,
      Map<String, RequestedCredentials> pull) {}

  /** A source, unchecked. */
  public sealed interface RequestedSource {
    /** An archive or a Dockerfile somewhere. */
    record PackageUrl(Secret url) implements RequestedSource {}

    /** A git repository. */
    record Git(Secret url, String ref, Secret privateKey, Secret token)
        implements RequestedSource {}

    /** A Dockerfile alone. */
    record Inline(String dockerfile) implements RequestedSource {}

    /** The digest of an earlier upload. */
    record Uploaded(String digest) implements RequestedSource {}
  }

  /** A name and its password, unchecked. */
  public record RequestedCredentials(String username, Secret password) {}
}
