package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Writes an archive's entries below a folder. Nothing is ever written or linked through a symbolic
 * link, and at the end no link may lead out of the folder, so that whoever reads the files later
 * need not distrust them.
 */
final class Tree {
  private static final int BUFFER = 64 << 10;
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  private record Folder(int mode, FileTime time) {}

  private final Path root;
  private final Budget budget;
  private final LongSupplier archiveBytes;
  private final List<Path> links = new ArrayList<>();
  private final Map<Path, Folder> folders = new HashMap<>();

  /**
   * @param root an existing empty folder, by its real path
   * @param archiveBytes of the archive that were read so far
   */
  Tree(Path root, Budget budget, LongSupplier archiveBytes) {
    this.root = root;
    this.budget = budget;
    this.archiveBytes = archiveBytes;
  }

  void folder(String name, int mode, FileTime time)
      throws IOException, SourceFailure, InterruptedException {
    budget.entry();
    List<String> components = components(name);
    Path path = root;
    for (String component : components) {
      path = descend(path, component, name);
    }
    if (!components.isEmpty()) {
      folders.put(path, new Folder(mode, time));
    }
  }

  void file(String name, int mode, FileTime time, InputStream content)
      throws IOException, SourceFailure, InterruptedException {
    budget.entry();
    Path path = free(name);
    try (OutputStream out =
        Files.newOutputStream(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      copy(content, out);
    }
    // The owner reads it in any case: it is the build that fails otherwise, not the reader.
    Files.setPosixFilePermissions(path, permissions(mode | 0400));
    Files.setLastModifiedTime(path, time);
  }

  /** Reads what belongs to no file, so that it counts too. */
  void drain(InputStream content) throws IOException, SourceFailure, InterruptedException {
    copy(content, OutputStream.nullOutputStream());
  }

  private void copy(InputStream content, OutputStream out)
      throws IOException, SourceFailure, InterruptedException {
    byte[] buffer = new byte[BUFFER];
    for (int got = content.read(buffer); got >= 0; got = content.read(buffer)) {
      budget.bytes(got, archiveBytes.getAsLong());
      try {
        out.write(buffer, 0, got);
      } catch (IOException e) {
        throw new SourceFailure(
            FailureCode.INTERNAL_ERROR, "the source cannot be written: " + e.getMessage(), e);
      }
    }
  }

  void symlink(String name, String target) throws IOException, SourceFailure, InterruptedException {
    budget.entry();
    Path path = free(name);
    Files.createSymbolicLink(path, Path.of(target));
    links.add(path);
  }

  void hardlink(String name, String target)
      throws IOException, SourceFailure, InterruptedException {
    budget.entry();
    Path existing = root;
    for (String component : components(target)) {
      if (!Files.isDirectory(existing, LinkOption.NOFOLLOW_LINKS)) {
        throw refused(name, "is a link through something that is no folder");
      }
      existing = existing.resolve(component);
    }
    if (!Files.isRegularFile(existing, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "is a hard link to something that is no file of the archive: " + target);
    }
    Path path = free(name);
    Files.createLink(path, existing);
  }

  /** Checks where the links lead, and gives the folders their modes and times. */
  void finish() throws IOException, SourceFailure {
    for (Path link : links) {
      checkLink(link);
    }
    for (Map.Entry<Path, Folder> folder : folders.entrySet()) {
      if (Files.isDirectory(folder.getKey(), LinkOption.NOFOLLOW_LINKS)) {
        Files.setPosixFilePermissions(
            folder.getKey(), permissions(folder.getValue().mode() | 0700));
        Files.setLastModifiedTime(folder.getKey(), folder.getValue().time());
      }
    }
  }

  private void checkLink(Path link) throws IOException, SourceFailure {
    Path folder = link.getParent();
    if (folder == null || !Files.isSymbolicLink(link)) {
      return; // A later entry took its place.
    }
    Path target = Files.readSymbolicLink(link);
    Optional<Path> leadsTo;
    try {
      leadsTo = Inside.resolveLink(root, folder, target);
    } catch (FileSystemLoopException e) {
      return; // It leads nowhere, so not out.
    }
    if (leadsTo.isEmpty()) {
      throw refused(
          root.relativize(link).toString(), "is a link that leads out of the archive: " + target);
    }
  }

  /** Where an entry goes that is no folder: parents made, what is there removed. */
  private Path free(String name) throws IOException, SourceFailure {
    List<String> components = components(name);
    if (components.isEmpty()) {
      throw refused(name, "has no name");
    }
    Path parent = root;
    for (String component : components.subList(0, components.size() - 1)) {
      parent = descend(parent, component, name);
    }
    Path path = parent.resolve(components.getLast());
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "is both a folder and something else");
    }
    Files.deleteIfExists(path);
    return path;
  }

  private static Path descend(Path folder, String component, String name)
      throws IOException, SourceFailure {
    Path next = folder.resolve(component);
    if (Files.isSymbolicLink(next)) {
      throw refused(name, "lies behind a symbolic link");
    }
    if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(next);
    } else if (!Files.isDirectory(next, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(name, "lies below something that is no folder");
    }
    return next;
  }

  private List<String> components(String name) throws SourceFailure {
    if (name.startsWith("/")) {
      throw refused(name, "has an absolute path");
    }
    List<String> components = Inside.components(name);
    try {
      Path whole = root.resolve(String.join("/", components)).normalize();
      if (components.contains("..") || !whole.startsWith(root)) {
        throw refused(name, "has a path with ..");
      }
    } catch (InvalidPathException e) {
      throw refused(name, "has a name that this machine cannot write (" + e.getReason() + ")");
    }
    return components;
  }

  static SourceFailure refused(String name, String why) {
    String shown = name.length() <= 200 ? name : name.substring(0, 200) + "...";
    return new SourceFailure(
        FailureCode.CANNOT_EXTRACT_BUILD_PACK,
        "the source's archive was not unpacked: its entry '%s' %s".formatted(shown, why));
  }

  /** The nine permission bits alone: a set-user bit has no business on the worker's own disk. */
  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((mode & (1 << bit)) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    return permissions;
  }
}
