package dev.buildman.agent.process;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds programs, in the folders of a {@code PATH} and then where systems keep them. */
public final class Executables {
  private static final Pattern SEPARATOR = Pattern.compile(":");
  private static final List<String> USUAL =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private final List<Path> folders;

  /**
   * @param path a {@code PATH}; relative and empty parts are left out, as what lies in a build's
   *     folder must not be run
   */
  public Executables(String path) {
    this.folders =
        Stream.concat(SEPARATOR.splitAsStream(path), USUAL.stream())
            .filter(part -> part.startsWith("/"))
            .distinct()
            .flatMap(Executables::folder)
            .toList();
  }

  /**
   * @param folders to look in, and no others
   */
  public Executables(List<Path> folders) {
    this.folders = List.copyOf(folders);
  }

  private static Stream<Path> folder(String part) {
    try {
      return Stream.of(Path.of(part));
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }

  /** The program of this plain name, or empty when the machine has none. */
  public Optional<Path> find(String name) {
    return folders.stream()
        .map(folder -> folder.resolve(name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }
}
