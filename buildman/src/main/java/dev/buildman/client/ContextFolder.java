package dev.buildman.client;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Packs a folder as a build's context, without what its {@code .dockerignore} leaves out.
 *
 * <p>Entries are sorted and belong to nobody, so an unchanged folder packs to the same bytes and
 * need not be sent again. Links stay links; sockets, pipes and devices are left out.
 */
public final class ContextFolder {

  private final Path root;
  private final String dockerfile;
  private final DockerIgnore ignore;
  private int entries;

  private ContextFolder(Path root, String dockerfile, DockerIgnore ignore) {
    this.root = root;
    this.dockerfile = dockerfile;
    this.ignore = ignore;
  }

  /**
   * Packs the folder into a temporary file.
   *
   * @param dockerfile its path in the folder; it and the ignore file are always packed, as Docker
   *     does
   * @throws IOException with a message for people when a file cannot be read
   */
  public static PackedContext pack(Path folder, String dockerfile) throws IOException {
    ContextFolder context =
        new ContextFolder(folder, dockerfile, DockerIgnore.of(folder, dockerfile));
    Path file = Files.createTempFile("buildman-context-", ".tar.gz");
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      context.write(file, sha256);
      String digest = "sha256:" + HexFormat.of().formatHex(sha256.digest());
      return new PackedContext(file, digest, Files.size(file), context.entries);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  private void write(Path file, MessageDigest sha256) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        OutputStream digested = new DigestOutputStream(out, sha256);
        OutputStream gzip = new GZIPOutputStream(digested, 1 << 16);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(gzip, StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      folder(root, "", tar);
    }
  }

  private void folder(Path folder, String name, TarArchiveOutputStream tar) throws IOException {
    List<Path> children;
    try (Stream<Path> listed = Files.list(folder)) {
      children = listed.sorted().toList();
    } catch (AccessDeniedException | UncheckedIOException e) {
      throw unreadable(name, e);
    }
    for (Path child : children) {
      String path = name.isEmpty() ? fileName(child) : name + "/" + fileName(child);
      if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        subfolder(child, path, tar);
      } else if (!ignore.excludes(path) || isAlwaysSent(path)) {
        leaf(child, path, tar);
      }
    }
  }

  private void subfolder(Path folder, String path, TarArchiveOutputStream tar) throws IOException {
    boolean excluded = ignore.excludes(path);
    if (!excluded) {
      TarArchiveEntry entry = entry(folder, path + "/", TarConstants.LF_DIR);
      put(tar, entry);
      tar.closeArchiveEntry();
    }
    if (!excluded || ignore.mayKeepBelow() || dockerfile.startsWith(path + "/")) {
      folder(folder, path, tar);
    }
  }

  private boolean isAlwaysSent(String path) {
    return path.equals(dockerfile)
        || path.equals(dockerfile + ".dockerignore")
        || path.equals(".dockerignore");
  }

  private void leaf(Path file, String path, TarArchiveOutputStream tar) throws IOException {
    if (Files.isSymbolicLink(file)) {
      TarArchiveEntry entry = entry(file, path, TarConstants.LF_SYMLINK);
      entry.setLinkName(Files.readSymbolicLink(file).toString());
      put(tar, entry);
      tar.closeArchiveEntry();
    } else if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      TarArchiveEntry entry = entry(file, path, TarConstants.LF_NORMAL);
      entry.setSize(Files.size(file));
      put(tar, entry);
      content(file, path, tar);
    }
  }

  private static void content(Path file, String path, TarArchiveOutputStream tar)
      throws IOException {
    try {
      Files.copy(file, tar);
      tar.closeArchiveEntry();
    } catch (AccessDeniedException e) {
      throw unreadable(path, e);
    } catch (IOException e) {
      throw new IOException("'%s' changed while it was packed".formatted(path), e);
    }
  }

  private static TarArchiveEntry entry(Path file, String path, byte type) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path, type);
    entry.setIds(0, 0);
    entry.setNames("", "");
    // Whole seconds: finer times would need extended headers and differ by file system.
    long seconds = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toMillis() / 1000;
    entry.setModTime(seconds * 1000);
    entry.setMode(type == TarConstants.LF_SYMLINK ? 0777 : mode(file));
    return entry;
  }

  private static int mode(Path file) throws IOException {
    Set<PosixFilePermission> permissions =
        Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
    int mode = 0;
    for (PosixFilePermission permission : permissions) {
      // OWNER_READ is the first of nine, and the highest bit.
      mode |= 1 << (8 - permission.ordinal());
    }
    return mode;
  }

  private void put(TarArchiveOutputStream tar, TarArchiveEntry entry) throws IOException {
    entries++;
    tar.putArchiveEntry(entry);
  }

  private static IOException unreadable(String path, Exception cause) {
    return new IOException(
        "cannot read '%s': allow it, or leave it out in .dockerignore".formatted(path), cause);
  }

  private static String fileName(Path file) {
    return String.valueOf(file.getFileName());
  }
}
