package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.util.regex.Pattern;

/** Names of commits, branches and tags, as a client gives them. */
final class Revision {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{40}|[0-9a-fA-F]{64}");
  private static final Pattern SHORT_COMMIT = Pattern.compile("[0-9a-fA-F]{7,63}");
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}_./+@#%=,!-]{0,254}");

  private Revision() {}

  /**
   * Refuses a name that git could read as an option, a range or another syntax of its own.
   *
   * @return the name; a branch written {@code heads/x} or {@code refs/heads/x} is one too
   */
  static String checked(String name) throws SourceFailure {
    boolean fine =
        name.isEmpty()
            || (NAME.matcher(name).matches()
                && !name.contains("..")
                && !name.contains("@{")
                && !name.contains("//")
                && !name.endsWith("/")
                && !name.endsWith(".lock"));
    if (!fine) {
      throw new SourceFailure(
          FailureCode.GIT_CHECKOUT,
          "'%s' is no name of a commit, branch or tag"
              .formatted(name.replaceAll("\\p{Cntrl}", "?")));
    }
    return name;
  }

  static boolean isCommit(String name) {
    return COMMIT.matcher(name).matches();
  }

  static boolean mayBeShortCommit(String name) {
    return SHORT_COMMIT.matcher(name).matches();
  }
}
