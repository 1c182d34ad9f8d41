package dev.buildman.agent.engine.tree;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tree of files in memory. Paths have slashes, no leading one, and no {@code .} or {@code ..};
 * the root is the empty path. Symbolic links are followed inside the tree only, so that no path
 * leads out of it. For one thread.
 */
public final class FileTree {

  private static final int MAX_LINKS = 255;
  private static final FileEntry ROOT = FileEntry.directory(FileEntry.Owner.ROOT, 0);

  private final NavigableMap<String, FileEntry> entries;

  /** An empty tree. */
  public FileTree() {
    this(new TreeMap<>());
  }

  private FileTree(NavigableMap<String, FileEntry> entries) {
    this.entries = entries;
  }

  /** A tree with the same entries that changes on its own. */
  public FileTree copy() {
    return new FileTree(new TreeMap<>(entries));
  }

  /** The entry at exactly this path, links not followed; null when there is none. */
  public @Nullable FileEntry get(String path) {
    return path.isEmpty() ? entries.getOrDefault("", ROOT) : entries.get(path);
  }

  /** Everything below a directory by full path, parents first. */
  public NavigableMap<String, FileEntry> below(String path) {
    // The character after the slash ends the range of all names below.
    NavigableMap<String, FileEntry> view =
        path.isEmpty()
            ? entries.tailMap("", false)
            : entries.subMap(path + "/", true, path + "0", false);
    return Collections.unmodifiableNavigableMap(view);
  }

  /** The path with every symbolic link on it followed; what it names need not exist. */
  public String resolve(String path) throws TreeException {
    return resolve(path, true);
  }

  /** The path with the symbolic links of its directories followed, the last name kept. */
  public String resolveParent(String path) throws TreeException {
    return resolve(path, false);
  }

  private String resolve(String path, boolean last) throws TreeException {
    Deque<String> todo = new ArrayDeque<>(List.of(path.split("/", -1)));
    List<String> done = new ArrayList<>();
    int links = 0;
    while (!todo.isEmpty()) {
      String name = todo.removeFirst();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (!done.isEmpty()) {
          done.removeLast();
        }
        continue;
      }
      done.add(name);
      FileEntry entry = entries.get(String.join("/", done));
      if (entry != null
          && entry.body() instanceof FileEntry.Link(String target)
          && (last || !todo.isEmpty())) {
        if (++links > MAX_LINKS) {
          throw new TreeException(
              "too many symbolic links lead from one to the next at " + path + ".");
        }
        done.removeLast();
        if (target.startsWith("/")) {
          done.clear();
        }
        List.of(target.split("/", -1)).reversed().forEach(todo::addFirst);
      }
    }
    return String.join("/", done);
  }

  /**
   * Sets an entry; missing parents are made, and a directory that becomes something else loses what
   * is below it.
   */
  public void put(String path, FileEntry entry) {
    FileEntry before = get(path);
    if (before != null && before.isDirectory() && !entry.isDirectory()) {
      remove(path);
    }
    int slash = path.lastIndexOf('/');
    if (slash > 0) {
      String parent = path.substring(0, slash);
      FileEntry above = get(parent);
      if (above == null || !above.isDirectory()) {
        put(parent, FileEntry.directory(FileEntry.Owner.ROOT, entry.modified()));
      }
    }
    entries.put(path, entry);
  }

  /** Removes an entry with everything below it. */
  public void remove(String path) {
    removeBelow(path);
    entries.remove(path);
  }

  void removeBelow(String path) {
    if (path.isEmpty()) {
      entries.tailMap("", false).clear();
    } else {
      entries.subMap(path + "/", true, path + "0", false).clear();
    }
  }

  /** The path of a name in a directory. */
  static String join(String directory, String name) {
    if (directory.isEmpty() || name.isEmpty()) {
      return directory + name;
    }
    return directory + "/" + name;
  }

  /** The last name of a path. */
  static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
