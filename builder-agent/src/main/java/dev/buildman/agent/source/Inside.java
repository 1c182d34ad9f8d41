package dev.buildman.agent.source;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Resolves a path as the kernel would, links included, and notices where it would leave a folder.
 * Only for folders that nobody changes meanwhile.
 */
final class Inside {
  private static final int MAX_LINKS = 40; // as Linux has it

  private Inside() {}

  /**
   * @param root a real folder
   * @param path relative to it; absolute ones are meant relative too
   * @return where it leads, whether or not there is something; empty when that is outside
   * @throws FileSystemLoopException when it goes through too many links
   */
  static Optional<Path> resolve(Path root, String path) throws IOException {
    return resolve(root, root, components(path));
  }

  /** The same for the target of a link that lies in this folder. */
  static Optional<Path> resolveLink(Path root, Path folder, Path target) throws IOException {
    return target.isAbsolute()
        ? Optional.empty()
        : resolve(root, folder, components(target.toString()));
  }

  private static Optional<Path> resolve(Path root, Path from, List<String> components)
      throws IOException {
    Deque<String> left = new ArrayDeque<>(components);
    Path at = from;
    int links = 0;
    while (!left.isEmpty()) {
      String component = left.pop();
      if (component.equals("..")) {
        if (at.equals(root)) {
          return Optional.empty();
        }
        at = parent(at);
        continue;
      }
      Path next = at.resolve(component);
      if (!Files.isSymbolicLink(next)) {
        at = next;
        continue;
      }
      Path target = Files.readSymbolicLink(next);
      if (target.isAbsolute()) {
        return Optional.empty();
      }
      if (++links > MAX_LINKS) {
        throw new FileSystemLoopException(next.toString());
      }
      components(target.toString()).reversed().forEach(left::push);
    }
    return Optional.of(at);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    return parent == null ? path : parent;
  }

  /** The parts of a path that lead anywhere. */
  static List<String> components(String path) {
    return Arrays.stream(path.split("/", -1)).filter(c -> !c.isEmpty() && !c.equals(".")).toList();
  }
}
