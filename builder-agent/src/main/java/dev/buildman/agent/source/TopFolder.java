package dev.buildman.agent.source;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Enters the one folder that a forge puts around a repository's files ({@code app-1.0/}). It is
 * entered where all of this holds:
 *
 * <ol>
 *   <li>the archive names the commit that it was made of, as {@code git archive} writes it and with
 *       it GitHub, GitLab, Gitea and Bitbucket, but nobody who packs a folder by hand;
 *   <li>all its files lie in one folder;
 *   <li>the build names no context and no Dockerfile that is there without entering it.
 * </ol>
 *
 * The log says what was done and why.
 */
final class TopFolder {
  private TopFolder() {}

  /**
   * @param root of the unpacked archive, by its real path
   * @param commit that the archive names; empty: none
   * @return the source's top: the root or the folder in it
   */
  static Path of(Path root, String commit, SourceRequest request, SourceLog log)
      throws IOException {
    List<Path> top;
    try (Stream<Path> files = Files.list(root)) {
      top = files.limit(2).toList();
    }
    if (top.size() != 1 || !Files.isDirectory(top.getFirst(), LinkOption.NOFOLLOW_LINKS)) {
      return root;
    }
    Path folder = top.getFirst();
    String name = String.valueOf(folder.getFileName());
    String known = named(root, name, request);
    if (!known.isEmpty()) {
      log.line("Not entering %s/, as the build names %s".formatted(name, known));
    } else if (commit.isEmpty()) {
      log.line(
          "Not entering %s/: the archive names no commit, so no forge made it".formatted(name));
    } else {
      log.line("Entering %s/: the archive was made of commit %s".formatted(name, commit));
      return folder;
    }
    return root;
  }

  /** What the build names below the folder and by its name; empty: nothing. */
  private static String named(Path root, String folder, SourceRequest request) throws IOException {
    for (String path : List.of(request.context(), request.dockerfilePath())) {
      List<String> components = Inside.components(path);
      if (!components.isEmpty() && components.getFirst().equals(folder) && exists(root, path)) {
        return path;
      }
    }
    return "";
  }

  private static boolean exists(Path root, String path) throws IOException {
    try {
      return Inside.resolve(root, path).filter(Files::exists).isPresent();
    } catch (InvalidPathException | FileSystemLoopException e) {
      return false;
    }
  }
}
