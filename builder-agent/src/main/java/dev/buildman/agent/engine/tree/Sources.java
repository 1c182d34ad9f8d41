package dev.buildman.agent.engine.tree;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.PathPattern;
import java.util.ArrayList;
import java.util.List;

/** Finds what the source words of COPY and ADD mean in a tree. */
public final class Sources {

  private Sources() {}

  /**
   * One thing to copy.
   *
   * @param path where it lies, links followed
   * @param name what it is called at the destination
   * @param parents folders of the source word, for {@code --parents}
   */
  public record Match(String path, String name, String parents) {}

  /**
   * The matches of one source word, sorted; empty only for a pattern that nothing fits.
   *
   * @throws TreeException when a plain path does not exist
   */
  public static List<Match> find(FileTree tree, String word, int line)
      throws TreeException, DockerfileException {
    int pivot = word.indexOf("/./");
    String kept = pivot < 0 ? word : word.substring(pivot + 3);
    String clean = PathPattern.clean(word);
    if (PathPattern.isPattern(clean)) {
      return matching(tree, clean, line);
    }
    String path = tree.resolve(clean);
    if (tree.get(path) == null) {
      throw new TreeException(clean + " does not exist");
    }
    return List.of(new Match(path, FileTree.name(clean), folder(PathPattern.clean(kept))));
  }

  private static List<Match> matching(FileTree tree, String pattern, int line)
      throws TreeException, DockerfileException {
    int split = plainFolders(pattern);
    String folder = tree.resolve(pattern.substring(0, split));
    PathPattern rest = PathPattern.ofSource(pattern.substring(split), line);
    List<Match> matches = new ArrayList<>();
    for (String path : tree.below(folder).keySet()) {
      String relative = folder.isEmpty() ? path : path.substring(folder.length() + 1);
      if (rest.matches(relative)) {
        String written = pattern.substring(0, split) + relative;
        matches.add(new Match(tree.resolve(path), FileTree.name(path), folder(written)));
      }
    }
    return matches;
  }

  /** Length of the leading folders, with their slash, that hold no pattern. */
  private static int plainFolders(String pattern) {
    int split = 0;
    for (int slash = pattern.indexOf('/'); slash >= 0; slash = pattern.indexOf('/', slash + 1)) {
      if (PathPattern.isPattern(pattern.substring(0, slash))) {
        break;
      }
      split = slash + 1;
    }
    return split;
  }

  private static String folder(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }
}
