package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a path means. Everything that becomes part of a file's name was checked here. */
sealed interface Route {

  /** The check that a client begins with. */
  record Base() implements Route {}

  /** All repositories. */
  record Catalog() implements Route {}

  /** The tags of a repository. */
  record Tags(String name) implements Route {}

  /** A manifest by tag or digest. */
  record Manifest(String name, String reference) implements Route {}

  /** A blob. */
  record Blob(String name, Digest digest) implements Route {}

  /** Where uploads begin. */
  record Uploads(String name) implements Route {}

  /** An upload that was begun. */
  record Upload(String name, String id) implements Route {}

  Pattern NAME =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  Pattern UPLOAD = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  Pattern FORM =
      Pattern.compile(
          "/v2/(?<name>.+?)/(?:tags/list|manifests/(?<reference>[^/]+)|blobs/(?<digest>[^/]+:[^/]+)"
              + "|blobs/uploads(?<uploads>/?)|blobs/uploads/(?<upload>[^/]+))");
  int LONGEST_NAME = 255;

  /**
   * Reads a path.
   *
   * @throws RegistryFault when it has no meaning or holds a malformed name
   */
  static Route of(String path) {
    if (path.equals("/v2") || path.equals("/v2/")) {
      return new Base();
    }
    if (path.equals("/v2/_catalog")) {
      return new Catalog();
    }
    Matcher matcher = FORM.matcher(path);
    if (!matcher.matches()) {
      throw new RegistryFault(Code.NAME_UNKNOWN, "nothing is served at this path");
    }
    String name = name(matcher.group("name"));
    if (matcher.group("reference") != null) {
      return new Manifest(name, reference(matcher.group("reference")));
    }
    if (matcher.group("digest") != null) {
      return new Blob(name, Digest.parse(matcher.group("digest")));
    }
    if (matcher.group("upload") != null) {
      return new Upload(name, upload(matcher.group("upload")));
    }
    return matcher.group("uploads") != null ? new Uploads(name) : new Tags(name);
  }

  static String name(String text) {
    if (text.length() > LONGEST_NAME || !NAME.matcher(text).matches()) {
      throw new RegistryFault(
          Code.NAME_INVALID,
          "a repository name is lower-case letters and digits, parted by '.', '_', '-' and '/'");
    }
    return text;
  }

  private static String reference(String text) {
    if (text.contains(":")) {
      return Digest.parse(text).toString();
    }
    if (!TAG.matcher(text).matches()) {
      throw new RegistryFault(
          Code.MANIFEST_INVALID, "a tag is 1 to 128 letters, digits, '.', '_' and '-'");
    }
    return text;
  }

  private static String upload(String text) {
    if (!UPLOAD.matcher(text).matches()) {
      throw new RegistryFault(Code.BLOB_UPLOAD_UNKNOWN, "no such upload");
    }
    return text;
  }
}
