package dev.buildman.agent.source;

import org.jspecify.annotations.Nullable;

/** Where a source is. Addresses and keys are secrets: {@code toString} shows neither. */
public sealed interface SourceLocation {

  /** Nowhere: the build has an inline Dockerfile and an empty context. */
  record None() implements SourceLocation {}

  /**
   * A package: an archive or a plain Dockerfile.
   *
   * @param url {@code http}, {@code https} or {@code data}
   * @param digest {@code sha256:<hex>} of its bytes; null: not checked
   */
  record Packed(String url, @Nullable String digest) implements SourceLocation {
    @Override
    public String toString() {
      return "Packed[" + Urls.shown(url) + "]";
    }
  }

  /**
   * A git repository.
   *
   * @param url {@code http}, {@code https}, {@code ssh} or {@code user@host:path}
   * @param revision commit, branch or tag; empty: what {@code ref} names
   * @param ref branch or tag to fetch when the server does not hand out the commit by itself; both
   *     empty: the repository's own default
   * @param submodules whether submodules are fetched too, however deep
   * @param login what the server wants; the key is an OpenSSH private key, the token is sent as the
   *     password over http(s)
   */
  record Git(String url, String revision, String ref, boolean submodules, Login login)
      implements SourceLocation {
    /** What another repository of the same server is given; nothing for one of another server. */
    public Login loginFor(String other) {
      try {
        GitUrl own = GitUrl.parse(url);
        GitUrl asked = GitUrl.parse(other);
        boolean same =
            own.scheme().equals(asked.scheme()) && own.server().equalsIgnoreCase(asked.server());
        return same ? login : Login.NONE;
      } catch (SourceFailure e) {
        return Login.NONE;
      }
    }

    @Override
    public String toString() {
      return "Git[" + Urls.shown(url) + " " + revision + "]";
    }
  }

  /**
   * What a git server wants.
   *
   * @param privateKey OpenSSH private key; empty: none
   * @param token password for http(s); empty: none
   * @param knownHosts lines of an OpenSSH known_hosts file: the only host keys to accept; empty:
   *     the first one that comes, unless the worker's own file knows another
   */
  record Login(String privateKey, String token, String knownHosts) {
    /** Nothing. */
    public static final Login NONE = new Login("", "");

    /** For a server whose host key is taken as it comes. */
    public Login(String privateKey, String token) {
      this(privateKey, token, "");
    }

    @Override
    public String toString() {
      return "Login[***]";
    }
  }
}
