package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/** Folders as a whole; links are never followed. */
final class Trees {
  private Trees() {}

  /** Removes what git keeps of a repository and of its submodules. */
  static void deleteRepositories(Path tree) throws IOException {
    List<Path> found;
    try (Stream<Path> files = Files.walk(tree)) {
      found = files.filter(file -> String.valueOf(file.getFileName()).equals(".git")).toList();
    }
    for (Path repository : found) {
      Folders.delete(repository);
    }
  }

  /** Gives all files below a folder one age, so that one commit always gives the same layer. */
  static void date(Path tree, FileTime time) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(tree)) {
      all = files.toList();
    }
    for (Path file : all) {
      Files.getFileAttributeView(file, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setTimes(time, null, null);
    }
  }

  /** Charges all files below a folder to the budget. */
  static void charge(Path folder, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        budget.entry();
        BasicFileAttributes attributes =
            Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        budget.bytes(attributes.isRegularFile() ? attributes.size() : 0, Long.MAX_VALUE);
      }
    }
  }
}
