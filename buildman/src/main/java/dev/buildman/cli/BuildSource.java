package dev.buildman.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the SOURCE argument of {@code build} names. */
sealed interface BuildSource {

  /** A folder of this machine, to be packed and sent. */
  record Folder(Path path) implements BuildSource {}

  /** An archive or a Dockerfile that the worker downloads. */
  record Url(String url) implements BuildSource {}

  /**
   * A git repository that the worker clones.
   *
   * @param ref empty: the default branch
   * @param folder inside the repository; empty: its root
   */
  record Git(String url, String ref, String folder) implements BuildSource {}

  /** An image that the worker copies. */
  record Image(String reference) implements BuildSource {}

  /** A Dockerfile on standard input, without a context. */
  record Stdin() implements BuildSource {}

  /** As skopeo names images in registries. */
  String IMAGE = "docker://";

  Pattern SCP = Pattern.compile("[A-Za-z0-9_.-]+@[A-Za-z0-9_.\\[\\]-]+:.+");

  /** Reads the argument; throws {@link UsageException} when it is nothing of all that. */
  static BuildSource parse(String argument) {
    if (argument.equals("-")) {
      return new Stdin();
    }
    String lower = argument.toLowerCase(Locale.ROOT);
    if (lower.startsWith(IMAGE)) {
      return new Image(argument.substring(IMAGE.length()));
    }
    if (lower.startsWith("git+")) {
      return git(argument.substring("git+".length()));
    }
    boolean http = lower.startsWith("http://") || lower.startsWith("https://");
    boolean repository = http && withoutFragment(lower).endsWith(".git");
    if (repository || lower.startsWith("ssh://") || SCP.matcher(argument).matches()) {
      return git(argument);
    }
    if (http || lower.startsWith("data:")) {
      return new Url(argument);
    }
    return folder(argument);
  }

  private static BuildSource folder(String argument) {
    Path path = Path.of(argument);
    if (Files.isDirectory(path)) {
      return new Folder(path);
    }
    throw new UsageException(
        Files.exists(path)
            ? "'%s' is a file: give its folder, and the Dockerfile's name with --file"
                .formatted(argument)
            : "'%s' is no folder here, no URL and no git reference".formatted(argument));
  }

  // Docker's form: URL#REF:FOLDER.
  private static BuildSource git(String argument) {
    String url = withoutFragment(argument);
    String fragment = argument.length() > url.length() ? argument.substring(url.length() + 1) : "";
    int colon = fragment.indexOf(':');
    return colon < 0
        ? new Git(url, fragment, "")
        : new Git(url, fragment.substring(0, colon), fragment.substring(colon + 1));
  }

  private static String withoutFragment(String url) {
    int hash = url.indexOf('#');
    return hash < 0 ? url : url.substring(0, hash);
  }
}
