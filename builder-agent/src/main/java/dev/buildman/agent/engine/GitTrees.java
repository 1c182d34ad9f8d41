package dev.buildman.agent.engine;

import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Repositories that ADD names, fetched by the rules that a build's own source has. */
@FunctionalInterface
public interface GitTrees {
  /** For builds that have no such thing. */
  GitTrees NONE =
      (address, keepGit, log) -> {
        throw EngineFailure.of(
            FailureCode.BUILD_ERROR, "this build can fetch nothing from git: " + address.shown());
      };

  /**
   * A working tree.
   *
   * @param folder its real path; links in it may lead out, which nobody may follow
   * @param commit in full
   */
  record Tree(Path folder, String commit) {}

  /**
   * What ADD says: {@code URL#REVISION:FOLDER}.
   *
   * @param url of the repository
   * @param revision branch, tag or commit; empty: the repository's own default
   * @param folder of the repository; empty: all of it
   */
  record Address(String url, String revision, String folder) {
    private static final Pattern GIT =
        Pattern.compile("(git@|git://|ssh://).*|https?://[^?#]*\\.git([?#].*)?");

    /** Whether ADD reads a source, its variables replaced, as a repository. */
    public static boolean is(String source) {
      return GIT.matcher(source).matches();
    }

    /** Reads it. */
    public static Address parse(String source) {
      int hash = source.indexOf('#');
      if (hash < 0) {
        return new Address(source, "", "");
      }
      String fragment = source.substring(hash + 1);
      int colon = fragment.indexOf(':');
      return new Address(
          source.substring(0, hash),
          colon < 0 ? fragment : fragment.substring(0, colon),
          colon < 0 ? "" : fragment.substring(colon + 1));
    }

    /** For a person: without user and query, which may be secrets. */
    String shown() {
      return url.replaceFirst("://[^/@]*@", "://").replaceFirst("[?].*", "");
    }
  }

  /**
   * Fetches one, or finds that it was fetched for this build before.
   *
   * @param keepGit whether the folder .git stays
   * @throws EngineFailure with the code of the source that failed
   */
  Tree fetch(Address address, boolean keepGit, EngineLog log)
      throws EngineFailure, InterruptedException;
}
