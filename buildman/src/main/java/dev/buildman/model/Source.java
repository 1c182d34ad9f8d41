package dev.buildman.model;

/** Where a build's Dockerfile and context come from. */
public sealed interface Source {
  /**
   * An archive or a Dockerfile at an http(s) or data URL.
   *
   * @param url may carry a signature, so it is not shown whole
   */
  record PackageUrl(Secret url) implements Source {}

  /**
   * A git repository.
   *
   * @param ref commit, branch or tag; empty: the default branch
   */
  record Git(String url, String ref, Secret privateKey, Secret token) implements Source {}

  /** A Dockerfile without a context. */
  record Inline(String dockerfile) implements Source {}

  /**
   * A source that the client has uploaded.
   *
   * @param digest sha256:&lt;hex&gt;
   */
  record Uploaded(String digest) implements Source {}
}
