package dev.buildman.agent.engine.docker;

import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.BuildContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A context as the tar that a daemon takes, written while it is sent: what the ignore file hides
 * stays here, everything belongs to root, links stay links.
 *
 * <p>A Dockerfile that is not the context's own file as it stands (an outside one, an ignored one,
 * one that was rewritten) travels under a name of its own, which an ignore file in the tar has the
 * daemon take away again before the build sees the context. Only where the build sees the context's
 * own {@code .dockerignore} that file gets a line more, as Docker's own program does it.
 */
final class ContextTar {
  private static final String IGNORE_FILE = ".dockerignore";
  private static final String SENT_NAME = ".dockerfile.buildman";
  private static final int MODES = 07777;
  private static final int PLAIN_FILE = 0644;

  private final Path root;
  private final IgnoreFile ignore;
  private final String dockerfile;
  private final String own;
  private final boolean asItIs;
  private final Predicate<String> linksOut;
  private final Map<Object, String> linked = new HashMap<>();

  /**
   * @param dockerfile the text to build, which may differ from the file
   * @param linksOut asked for the path of each link that leads out of the context; false leaves it
   *     out
   */
  ContextTar(BuildContext context, IgnoreFile ignore, String dockerfile, Predicate<String> linksOut)
      throws IOException {
    this.linksOut = linksOut;
    this.root = context.directory().toAbsolutePath().normalize();
    this.ignore = ignore;
    this.dockerfile = dockerfile;
    Path file = context.dockerfile().toAbsolutePath().normalize();
    this.own = file.startsWith(root) ? name(root.relativize(file)) : "";
    this.asItIs =
        !own.isEmpty()
            && !ignore.ignores(own)
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && same(Files.readString(file), dockerfile);
  }

  private static boolean same(String one, String other) {
    return one.stripTrailing().lines().toList().equals(other.stripTrailing().lines().toList());
  }

  /** The Dockerfile's path in the tar. */
  String dockerfile() {
    return asItIs ? own : SENT_NAME;
  }

  /** Writes all of it; the stream stays open. */
  void write(OutputStream out) throws IOException {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
    if (!asItIs) {
      text(tar, SENT_NAME, dockerfile);
      text(tar, IGNORE_FILE, ignoreText());
    }
    folder(tar, root);
    tar.finish();
  }

  private String ignoreText() throws IOException {
    Path file = root.resolve(IGNORE_FILE);
    boolean seen =
        !ignore.ignores(IGNORE_FILE) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    String hidden = SENT_NAME + "\n";
    return seen ? Files.readString(file) + "\n" + hidden : hidden + IGNORE_FILE + "\n";
  }

  private void folder(TarArchiveOutputStream tar, Path folder) throws IOException {
    List<Path> children;
    try (Stream<Path> found = Files.list(folder)) {
      children = found.sorted().toList();
    }
    for (Path child : children) {
      String name = name(root.relativize(child));
      boolean ignored = ignore.ignores(name) || (!asItIs && name.equals(IGNORE_FILE));
      if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        if (!ignored) {
          header(tar, child, new TarArchiveEntry(name + "/", TarConstants.LF_DIR, true));
          tar.closeArchiveEntry();
        }
        if (!ignored || !ignore.prunes(name)) {
          folder(tar, child);
        }
      } else if (!ignored) {
        file(tar, child, name);
      }
    }
  }

  private void file(TarArchiveOutputStream tar, Path file, String name) throws IOException {
    if (Files.isSymbolicLink(file)) {
      if (leadsOut(file) && !linksOut.test(name)) {
        return;
      }
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK, true);
      entry.setLinkName(Files.readSymbolicLink(file).toString());
      header(tar, file, entry);
      tar.closeArchiveEntry();
    } else if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      String first = firstName(file, name);
      TarArchiveEntry entry =
          new TarArchiveEntry(
              name, first.isEmpty() ? TarConstants.LF_NORMAL : TarConstants.LF_LINK, true);
      entry.setLinkName(first);
      long size = first.isEmpty() ? Files.size(file) : 0;
      entry.setSize(size);
      header(tar, file, entry);
      if (first.isEmpty()) {
        Files.copy(file, tar);
      }
      tar.closeArchiveEntry();
    }
    // Sockets, pipes and devices are nothing that a build could use.
  }

  /** By its text alone, as an absolute one means a place in the image. */
  private boolean leadsOut(Path link) throws IOException {
    Path target = Files.readSymbolicLink(link);
    return !target.isAbsolute() && !link.resolveSibling(target).normalize().startsWith(root);
  }

  /** The name under which the same file is in the tar already; empty for the first. */
  private String firstName(Path file, String name) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(file, "unix:nlink,ino,dev", LinkOption.NOFOLLOW_LINKS);
    if (Integer.valueOf(1).equals(found.get("nlink"))) {
      return "";
    }
    String first = linked.putIfAbsent(List.of(found.get("dev"), found.get("ino")), name);
    return first == null ? "" : first;
  }

  private static void header(TarArchiveOutputStream tar, Path file, TarArchiveEntry entry)
      throws IOException {
    Map<String, Object> found =
        Files.readAttributes(file, "unix:mode,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    if (!(found.get("mode") instanceof Integer mode)
        || !(found.get("lastModifiedTime") instanceof FileTime modified)) {
      throw new NoSuchFileException(file.toString());
    }
    entry.setMode(mode & MODES);
    // Whole seconds, as Docker's program sends them: what a cache compares is the same then.
    entry.setModTime(modified.toMillis() / 1000 * 1000);
    entry.setIds(0, 0);
    tar.putArchiveEntry(entry);
  }

  private static void text(TarArchiveOutputStream tar, String name, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    entry.setMode(PLAIN_FILE);
    entry.setModTime(0L);
    entry.setIds(0, 0);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static String name(Path relative) {
    return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
  }
}
