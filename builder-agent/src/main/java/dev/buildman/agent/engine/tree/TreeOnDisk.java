package dev.buildman.agent.engine.tree;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Map;

/** Writes a tree into a folder of this machine. Owners and extended attributes are left out. */
public final class TreeOnDisk {

  private TreeOnDisk() {}

  /**
   * Writes all entries but devices; hard links stay links of each other.
   *
   * @param folder an existing empty one
   */
  public static void write(FileTree tree, Path folder) throws IOException {
    Map<Content, Path> written = new IdentityHashMap<>();
    for (Map.Entry<String, FileEntry> named : tree.below("").entrySet()) {
      Path path = folder.resolve(named.getKey());
      switch (named.getValue().body()) {
        case FileEntry.Directory _ -> Files.createDirectory(path);
        case FileEntry.Link(String target) -> Files.createSymbolicLink(path, Path.of(target));
        case FileEntry.Regular(Content content, long _) -> file(content, path, written);
        case FileEntry.Special _ -> {}
      }
    }
    // Children first: a folder may be closed to writing, and every new child makes it younger.
    for (Map.Entry<String, FileEntry> named : tree.below("").descendingMap().entrySet()) {
      finish(folder.resolve(named.getKey()), named.getValue());
    }
    finish(folder, FileEntry.directory(FileEntry.Owner.ROOT, youngest(tree)));
  }

  private static void file(Content content, Path path, Map<Content, Path> written)
      throws IOException {
    Path first = written.putIfAbsent(content, path);
    if (first != null) {
      Files.createLink(path, first);
      return;
    }
    try (InputStream in = new CancellableStream(content.open())) {
      Files.copy(in, path);
    }
  }

  private static void finish(Path path, FileEntry entry) throws IOException {
    if (entry.body() instanceof FileEntry.Link || entry.body() instanceof FileEntry.Special) {
      return;
    }
    Files.setAttribute(path, "unix:mode", entry.mode(), LinkOption.NOFOLLOW_LINKS);
    Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(entry.modified())));
  }

  private static long youngest(FileTree tree) {
    return tree.below("").values().stream().mapToLong(FileEntry::modified).max().orElse(0);
  }
}
