package dev.buildman.agent.source;

import dev.buildman.agent.compression.Compression;
import dev.buildman.proto.agent.FailureCode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.jspecify.annotations.Nullable;

/** Unpacks tar archives, however packed, and zip archives. */
final class Unpack {
  /**
   * How files of a zip may be packed. The library knows more, and unpacks those without a bound on
   * memory or with another library that is not there.
   */
  private static final Set<ZipMethod> METHODS =
      EnumSet.of(
          ZipMethod.STORED,
          ZipMethod.DEFLATED,
          ZipMethod.ENHANCED_DEFLATED,
          ZipMethod.BZIP2,
          ZipMethod.IMPLODING,
          ZipMethod.UNSHRINKING);

  private static final int MAX_HEADERS = 1 << 20; // bytes of names and attributes of one entry
  private static final int MAX_TARGET = 4096; // of a link, as Linux has it
  private static final int FILE_MODE = 0644;
  private static final int FOLDER_MODE = 0755;

  private final Path archive;
  private final Path root;
  private final Budget budget;
  private String commit = "";

  /**
   * @param root an existing empty folder, by its real path
   */
  Unpack(Path archive, Path root, Budget budget) {
    this.archive = archive;
    this.root = root;
    this.budget = budget;
  }

  /**
   * @throws SourceFailure CANNOT_EXTRACT_BUILD_PACK when the archive is broken, dangerous or over a
   *     limit
   */
  void run(PackageKind kind) throws SourceFailure, InterruptedException {
    try {
      switch (kind) {
        case TAR -> tar();
        case ZIP -> zip();
        case DOCKERFILE -> throw new IllegalArgumentException("a Dockerfile is no archive");
      }
    } catch (FileSystemException e) {
      throw DiskWords.areOf(String.valueOf(e.getReason()))
          ? new SourceFailure(
              FailureCode.INTERNAL_ERROR, "the source cannot be written: " + e.getReason(), e)
          : broken(e);
    } catch (IOException | IllegalArgumentException e) {
      throw broken(e);
    }
  }

  /**
   * The commit that the archive says it was made of, as {@code git archive} writes it and so every
   * forge; empty: it names none.
   */
  String commit() {
    return commit;
  }

  private void tar() throws IOException, SourceFailure, InterruptedException {
    try (InputStream file = new BufferedInputStream(Files.newInputStream(archive), 64 << 10);
        ConsumedStream packed = new ConsumedStream(file);
        ConsumedStream plain = new ConsumedStream(Compression.unpack(packed));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(plain, StandardCharsets.UTF_8.name())) {
      Tree tree = new Tree(root, budget, packed::consumed);
      boolean any = false;
      for (TarArchiveEntry entry = next(tar, plain); entry != null; entry = next(tar, plain)) {
        any = true;
        made(entry.getExtraPaxHeaders().get("comment"));
        add(tree, tar, entry);
        tree.drain(tar);
      }
      if (!any) {
        throw new IOException("it holds no files");
      }
      tree.finish();
    }
  }

  /** Names and attributes are kept in memory while they are read, so they are bounded. */
  private static TarArchiveEntry next(TarArchiveInputStream tar, ConsumedStream plain)
      throws IOException {
    plain.bound(MAX_HEADERS);
    TarArchiveEntry entry = tar.getNextEntry();
    plain.unbound();
    return entry;
  }

  private static void add(Tree tree, TarArchiveInputStream tar, TarArchiveEntry entry)
      throws IOException, SourceFailure, InterruptedException {
    String name = entry.getName();
    FileTime time = entry.getLastModifiedTime();
    String special = special(tar, entry);
    if (!special.isEmpty()) {
      throw Tree.refused(name, "is " + special + ", which a build's source cannot hold");
    } else if (entry.isDirectory()) {
      tree.folder(name, entry.getMode(), time);
    } else if (entry.isSymbolicLink()) {
      tree.symlink(name, target(name, entry.getLinkName()));
    } else if (entry.isLink()) {
      tree.hardlink(name, target(name, entry.getLinkName()));
    } else {
      tree.file(name, entry.getMode(), time, tar);
    }
  }

  /** What it is besides file, folder and link; empty when it is one of these. */
  private static String special(TarArchiveInputStream tar, TarArchiveEntry entry) {
    // Asked first: the library calls everything a file that is no folder.
    if (entry.isBlockDevice() || entry.isCharacterDevice()) {
      return "a device";
    }
    if (entry.isFIFO()) {
      return "a named pipe";
    }
    return tar.canReadEntryData(entry) ? "" : "of an unknown kind";
  }

  private static String target(String name, String target) throws SourceFailure {
    if (target.isEmpty() || target.length() > MAX_TARGET || target.indexOf('\0') >= 0) {
      throw Tree.refused(name, "is a link without a usable target");
    }
    return target;
  }

  /** A comment on the whole archive: git's is the commit alone. */
  private void made(@Nullable String comment) {
    if (comment != null && Revision.isCommit(comment)) {
      commit = comment;
    }
  }

  private void zip() throws IOException, SourceFailure, InterruptedException {
    long packed = Files.size(archive);
    Tree tree = new Tree(root, budget, () -> packed);
    made(ZipComment.of(archive));
    try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
        add(tree, zip, entry);
      }
    } catch (OutOfMemoryError e) {
      throw new IOException("its directory does not fit into memory", e);
    }
    tree.finish();
  }

  private static void add(Tree tree, ZipFile zip, ZipArchiveEntry entry)
      throws IOException, SourceFailure, InterruptedException {
    String name = entry.getName();
    int mode = entry.getUnixMode();
    FileTime time = entry.getLastModifiedTime();
    FileTime known = time != null ? time : FileTime.fromMillis(0);
    if (entry.isDirectory()) {
      tree.folder(name, mode == 0 ? FOLDER_MODE : mode, known);
    } else if (!canRead(zip, entry)) {
      throw Tree.refused(name, "is encrypted or packed in a way that cannot be read");
    } else if (entry.isUnixSymlink()) {
      try (InputStream in = zip.getInputStream(entry)) {
        byte[] target = in.readNBytes(MAX_TARGET + 1);
        tree.symlink(name, target(name, new String(target, StandardCharsets.UTF_8)));
      }
    } else {
      try (InputStream in = zip.getInputStream(entry)) {
        tree.file(name, mode == 0 ? FILE_MODE : mode, known, in);
      }
    }
  }

  private static boolean canRead(ZipFile zip, ZipArchiveEntry entry) {
    ZipMethod method = ZipMethod.getMethodByCode(entry.getMethod());
    return method != null && METHODS.contains(method) && zip.canReadEntryData(entry);
  }

  private static SourceFailure broken(Exception e) {
    String message = e.getMessage();
    return new SourceFailure(
        FailureCode.CANNOT_EXTRACT_BUILD_PACK,
        "the source's archive cannot be unpacked: "
            + (message == null ? "it ends too early" : message),
        e);
  }
}
