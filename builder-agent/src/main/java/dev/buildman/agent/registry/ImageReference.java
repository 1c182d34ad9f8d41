package dev.buildman.agent.registry;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image: a repository and a tag, a digest, or both (then the digest decides).
 *
 * @param repository where the image is
 * @param tag null when only a digest was given
 * @param digest null when only a tag was given
 */
public record ImageReference(Repository repository, @Nullable String tag, @Nullable Digest digest) {
  private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

  /** Checks the tag; throws {@link IllegalArgumentException} with the value at fault. */
  public ImageReference {
    if (tag != null && !TAG.matcher(tag).matches()) {
      throw new IllegalArgumentException(
          "not a tag (letters, digits, _ . - and at most 128 of them): " + tag);
    }
    if (tag == null && digest == null) {
      tag = "latest";
    }
  }

  /**
   * Reads a name with docker's defaults: {@code busybox} is {@code
   * docker.io/library/busybox:latest}; the first component is a registry when it holds a dot or a
   * colon or is {@code localhost}.
   *
   * @throws IllegalArgumentException saying what is wrong with the name
   */
  public static ImageReference parse(String text) {
    String rest = text.strip();
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    if (rest.isEmpty()) {
      throw new IllegalArgumentException("no image is named in: '" + text + "'");
    }
    return new ImageReference(repository(rest), tag, digest);
  }

  private static Repository repository(String name) {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean hasRegistry =
        first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    String registry = hasRegistry ? Repository.canonical(first) : "docker.io";
    String path = hasRegistry ? name.substring(slash + 1) : name;
    boolean official = registry.equals("docker.io") && path.indexOf('/') < 0;
    return new Repository(registry, official ? "library/" + path : path);
  }

  /** What a manifest request names: the digest when there is one, else the tag. */
  public String reference() {
    return digest != null ? digest.toString() : String.valueOf(tag);
  }

  /** The same repository with another tag and no digest. */
  public ImageReference withTag(String newTag) {
    return new ImageReference(repository, newTag, null);
  }

  /** The same tag and digest in another repository. */
  ImageReference in(Repository other) {
    return new ImageReference(other, tag, digest);
  }

  /** The same repository by digest alone. */
  public ImageReference withDigest(Digest newDigest) {
    return new ImageReference(repository, null, newDigest);
  }

  @Override
  public String toString() {
    return repository + (tag != null ? ":" + tag : "") + (digest != null ? "@" + digest : "");
  }
}
