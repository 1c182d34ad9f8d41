package dev.buildman.intake;

import dev.buildman.intake.BuildRequest.RequestedSource;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.sources.SourceDigest;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a build's source. */
final class SourceCheck {

  /** An inline Dockerfile's bytes: far above any real one, far below a BuildPack's 4 MiB. */
  static final int LARGEST_DOCKERFILE = 1 << 20;

  /** A data URL's characters, so that the BuildPack that carries it stays under 4 MiB. */
  static final int LARGEST_DATA_URL = 3 << 20;

  private static final int LONGEST_URL = 8192;
  private static final int LONGEST_IMAGE = 512;
  private static final Pattern IMAGE =
      Pattern.compile(
          "(?:[A-Za-z0-9.-]+(?::[0-9]{1,5})?/|\\[[0-9A-Fa-f:.]+](?::[0-9]{1,5})?/)?"
              + "[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
              + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");
  private static final Pattern DATA_URL =
      Pattern.compile(
          "data:(?<type>[^;,]*)(;[^;,]+)*,.*", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
  // What an agent can tell apart; an empty type is text, as everywhere with data URLs.
  private static final Set<String> DATA_TYPES =
      Set.of(
          "",
          "text/plain",
          "application/octet-stream",
          "application/gzip",
          "application/x-gzip",
          "application/x-tar",
          "application/x-xz",
          "application/x-bzip2",
          "application/zstd",
          "application/zip");

  private final Violations violations;
  private final Predicate<SourceDigest> uploaded;

  SourceCheck(Violations violations, Predicate<SourceDigest> uploaded) {
    this.violations = violations;
    this.uploaded = uploaded;
  }

  @Nullable Source check(List<RequestedSource> sources) {
    if (sources.isEmpty()) {
      violations.add(
          "spec.source",
          "a build needs a source: package_url, git, inline_dockerfile or uploaded_source");
      return null;
    }
    if (sources.size() > 1) {
      violations.add("spec.source", "a build has one source, not " + sources.size());
      return null;
    }
    return switch (sources.getFirst()) {
      case RequestedSource.PackageUrl(Secret url, String digest) -> packageUrl(url, digest);
      case RequestedSource.Git git -> new GitSourceCheck(violations).check(git);
      case RequestedSource.Inline(String dockerfile) -> inline(dockerfile);
      case RequestedSource.Uploaded(String digest) -> uploaded(digest);
      case RequestedSource.Image(String reference) -> image(reference);
    };
  }

  private @Nullable Source packageUrl(Secret url, String digest) {
    violations.require(
        digest.isEmpty() || SourceDigest.parse(digest).isPresent(),
        "spec.package_digest",
        "it must be sha256:<64 hex digits> of what the URL serves");
    Optional<String> problem =
        url.reveal().regionMatches(true, 0, "data:", 0, 5)
            ? dataProblem(url.reveal())
            : httpProblem(url.reveal());
    problem.ifPresent(text -> violations.add("spec.package_url", text));
    return problem.isPresent() ? null : new Source.PackageUrl(url, digest);
  }

  private static Optional<String> dataProblem(String url) {
    if (url.length() > LARGEST_DATA_URL) {
      return Optional.of("a data URL is at most 3 MiB: upload larger sources");
    }
    var data = DATA_URL.matcher(url);
    if (!data.matches()) {
      return Optional.of("this is no data URL: data:<type>[;base64],<content>");
    }
    String type = data.group("type").toLowerCase(Locale.ROOT);
    return DATA_TYPES.contains(type)
        ? Optional.empty()
        : Optional.of(
            "a data URL of this type is no source: send a tar (gzip, xz, bzip2, zstd), a zip"
                + " archive or a Dockerfile");
  }

  private static Optional<String> httpProblem(String url) {
    if (url.length() > LONGEST_URL) {
      return Optional.of("the URL is longer than " + LONGEST_URL + " characters");
    }
    try {
      URI uri = new URI(url);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if (!scheme.equals("http") && !scheme.equals("https")) {
        return Optional.of("it must be an http, https or data URL");
      }
      return uri.getHost() == null ? Optional.of("the URL's host is missing") : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.of("this is no URL");
    }
  }

  private @Nullable Source image(String reference) {
    if (!IMAGE.matcher(reference).matches() || reference.length() > LONGEST_IMAGE) {
      violations.add(
          "spec.source_image",
          "it must be an image's name, [registry/]name[:tag][@sha256:<hex>], in lower case");
      return null;
    }
    return new Source.Image(reference);
  }

  private @Nullable Source inline(String dockerfile) {
    int size = dockerfile.getBytes(StandardCharsets.UTF_8).length;
    if (dockerfile.isBlank() || dockerfile.indexOf('\0') >= 0) {
      violations.add("spec.inline_dockerfile", "it holds no instructions");
      return null;
    }
    if (size > LARGEST_DOCKERFILE) {
      violations.add("spec.inline_dockerfile", "a Dockerfile is at most 1 MiB");
      return null;
    }
    return new Source.Inline(dockerfile);
  }

  private @Nullable Source uploaded(String digest) {
    Optional<SourceDigest> parsed = SourceDigest.parse(digest);
    if (parsed.isEmpty()) {
      violations.add(
          "spec.uploaded_source", "it must be sha256:<64 hex digits>, as UploadSource answered");
      return null;
    }
    violations.require(
        uploaded.test(parsed.get()),
        "spec.uploaded_source",
        "no such source is here: it was never uploaded, or is retired; upload it (again)");
    return new Source.Uploaded(digest);
  }
}
