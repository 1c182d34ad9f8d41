package dev.buildman.model;

import java.util.regex.Pattern;

/**
 * namespace/name of a repository in a registry.
 *
 * @param name may itself hold slashes, as nested repositories of OCI registries do
 */
public record RepositoryName(Namespace namespace, String name) {
  // The name grammar of the OCI distribution specification.
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern NAME = Pattern.compile(PART + "(?:/" + PART + ")*");
  private static final int LONGEST = 255;

  public RepositoryName {
    Text.matching(
        name,
        NAME,
        "repository name",
        "lower-case letters and digits, separated by '.', '_', '-' or '/'");
    if (namespace.value().length() + 1 + name.length() > LONGEST) {
      throw new IllegalArgumentException(
          "repository name is longer than " + LONGEST + " characters");
    }
  }

  /** Reads {@code namespace/name}; throws IllegalArgumentException with a sentence for people. */
  public static RepositoryName parse(String text) {
    int slash = text.indexOf('/');
    if (slash <= 0 || slash == text.length() - 1) {
      throw new IllegalArgumentException(
          "repository '" + text + "' is not valid: it must have the form namespace/name");
    }
    return new RepositoryName(new Namespace(text.substring(0, slash)), text.substring(slash + 1));
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
