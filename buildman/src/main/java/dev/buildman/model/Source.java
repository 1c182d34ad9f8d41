package dev.buildman.model;

/** Where a build's Dockerfile and context come from, or the image that is copied. */
public sealed interface Source {
  /**
   * An archive or a Dockerfile at an http(s) or data URL.
   *
   * @param url may carry a signature, so it is not shown whole
   * @param digest sha256:&lt;hex&gt; of what it serves; empty: not checked
   */
  record PackageUrl(Secret url, String digest) implements Source {
    /** One that is not checked. */
    public PackageUrl(Secret url) {
      this(url, "");
    }
  }

  /**
   * A git repository.
   *
   * @param ref commit, branch or tag; empty: the default branch
   * @param trust what is fetched and from whom
   */
  record Git(String url, String ref, Secret privateKey, Secret token, GitTrust trust)
      implements Source {
    /** One with its submodules, whose host key is taken as it comes. */
    public Git(String url, String ref, Secret privateKey, Secret token) {
      this(url, ref, privateKey, token, GitTrust.DEFAULT);
    }
  }

  /**
   * How far a git repository is trusted.
   *
   * @param knownHosts lines of an OpenSSH known_hosts file: the only host keys to accept; empty:
   *     the first one seen
   * @param submodules whether they are fetched
   */
  record GitTrust(String knownHosts, boolean submodules) {
    /** Any host key, and the submodules. */
    public static final GitTrust DEFAULT = new GitTrust("", true);
  }

  /** A Dockerfile without a context. */
  record Inline(String dockerfile) implements Source {}

  /**
   * A source that the client has uploaded.
   *
   * @param digest sha256:&lt;hex&gt;
   */
  record Uploaded(String digest) implements Source {}

  /**
   * An image that is copied as it is, all platforms of it.
   *
   * @param reference [registry/]name[:tag][@digest]
   */
  record Image(String reference) implements Source {}
}
