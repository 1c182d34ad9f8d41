package dev.buildman.intake;

import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
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
   * @param needs unchecked like the rest
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
      Map<String, RequestedCredentials> pull,
      EngineNeeds needs) {}

  /** A source, unchecked. */
  public sealed interface RequestedSource {
    /** An archive or a Dockerfile somewhere. */
    record PackageUrl(Secret url, String digest) implements RequestedSource {
      /** One that is not checked. */
      public PackageUrl(Secret url) {
        this(url, "");
      }
    }

    /** A git repository. */
    record Git(Secret url, String ref, Secret privateKey, Secret token, Source.GitTrust trust)
        implements RequestedSource {
      /** One with its submodules, whose host key is taken as it comes. */
      public Git(Secret url, String ref, Secret privateKey, Secret token) {
        this(url, ref, privateKey, token, Source.GitTrust.DEFAULT);
      }
    }

    /** A Dockerfile alone. */
    record Inline(String dockerfile) implements RequestedSource {}

    /** The digest of an earlier upload. */
    record Uploaded(String digest) implements RequestedSource {}

    /** An image to copy. */
    record Image(String reference) implements RequestedSource {}
  }

  /** A name and its password, unchecked. */
  public record RequestedCredentials(String username, Secret password) {}
}
