import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or applies the project's one format, google-java-format. Run from its source by the build,
 * on the toolchain's JDK: {@code mvn verify} checks, {@code mvn -N process-sources -Dformat=apply}
 * applies.
 */
final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<Path> wrong =
        sources(root).parallel().filter(file -> differs(file, apply)).sorted().toList();
    if (wrong.isEmpty() || apply) {
      System.err.printf("%d files formatted anew%n", wrong.size());
      return;
    }
    System.err.println("These files are not in the project's format:");
    wrong.forEach(file -> System.err.println("  " + root.relativize(file)));
    System.err.println("To format them: mvn -N process-sources -Dformat=apply");
    System.exit(1);
  }

  private static Stream<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !root.relativize(file).toString().matches("(.*/)?(target|\\.[^/]*)/.*"))
          .toList()
          .stream();
    }
  }

  private static boolean differs(Path file, boolean apply) {
    try {
      String source = Files.readString(file);
      Formatter formatter = new Formatter();
      String ordered =
          ImportOrderer.reorderImports(
              RemoveUnusedImports.removeUnusedImports(source), Style.GOOGLE);
      String formatted = formatter.formatSource(ordered);
      if (formatted.equals(source)) {
        return false;
      }
      if (apply) {
        Files.writeString(file, formatted);
      }
      return true;
    } catch (Exception e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
