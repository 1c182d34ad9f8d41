package dev.buildman.agent.engine.tree;

import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.tree.FileEntry.Owner;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the names of a context into a tree; links are kept as links, owners become the superuser.
 */
public final class ContextReader extends SimpleFileVisitor<Path> {

  private final Path root;
  private final IgnoreFile ignore;
  private final FileTree tree = new FileTree();
  private final Map<Object, Content> linked = new HashMap<>();
  private long youngest;

  private ContextReader(Path root, IgnoreFile ignore) {
    this.root = root;
    this.ignore = ignore;
  }

  /** The files of a folder that the build may see. */
  public static FileTree read(Path folder, IgnoreFile ignore) throws IOException {
    ContextReader reader = new ContextReader(folder, ignore);
    Files.walkFileTree(folder, reader);
    // The folder itself was made by the agent: its mode and age are nothing that anybody chose.
    reader.tree.put("", FileEntry.directory(Owner.ROOT, reader.youngest));
    return reader.tree;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
      throws IOException {
    String path = path(directory);
    if (path.isEmpty()) {
      return FileVisitResult.CONTINUE;
    }
    if (ignore.prunes(path)) {
      return FileVisitResult.SKIP_SUBTREE;
    }
    if (!ignore.ignores(path)) {
      tree.put(path, entry(new FileEntry.Directory(), directory));
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
    CancellableStream.check();
    String path = path(file);
    if (ignore.ignores(path)) {
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isSymbolicLink()) {
      tree.put(path, entry(new FileEntry.Link(Files.readSymbolicLink(file).toString()), file));
    } else if (attributes.isRegularFile()) {
      tree.put(path, entry(new FileEntry.Regular(content(file), attributes.size()), file));
    }
    // Sockets, pipes and devices mean nothing in an image.
    return FileVisitResult.CONTINUE;
  }

  private Content content(Path file) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(file, "unix:nlink,ino,dev", LinkOption.NOFOLLOW_LINKS);
    if (((Number) unix.getOrDefault("nlink", 1)).intValue() < 2) {
      return Content.ofFile(file);
    }
    Object identity = Map.of("ino", unix.get("ino"), "dev", unix.get("dev"));
    return linked.computeIfAbsent(identity, first -> Content.ofFile(file));
  }

  private FileEntry entry(FileEntry.Body body, Path file) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(file, "unix:mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    int mode = ((Number) unix.getOrDefault("mode", 0644)).intValue() & 07777;
    long modified =
        ((FileTime) unix.getOrDefault("lastModifiedTime", FileTime.fromMillis(0)))
            .toInstant()
            .getEpochSecond();
    youngest = Math.max(youngest, modified);
    return new FileEntry(body, mode, Owner.ROOT, modified, Map.of());
  }

  private String path(Path file) {
    return root.relativize(file).toString().replace(File.separatorChar, '/');
  }
}
