package dev.buildman.agent.engine.tree;

import dev.buildman.agent.compression.Compression;
import dev.buildman.agent.engine.tree.FileEntry.Owner;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/**
 * A tar on disk, packed or not: a layer of an image or an archive given to ADD. Its headers are
 * read in one pass; only when the content of a file is asked for, it is unpacked beside itself, as
 * packed streams cannot be read at a place. For one thread.
 */
public final class Archive implements AutoCloseable {

  /** Against archives of a few bytes that unpack to a full disk; more than any honest layer has. */
  private static final long MAX_UNPACKED_BYTES = 64L << 30;

  private final Path file;
  private final Path unpacked;
  private @Nullable TarFile open;

  /**
   * @param file the tar
   * @param unpacked where it may be unpacked to; need not exist
   */
  public Archive(Path file, Path unpacked) {
    this.file = file;
    this.unpacked = unpacked;
  }

  /**
   * One header: the path as written and what it is; {@code hardLink} names the path it links to.
   */
  record Item(String path, @Nullable FileEntry entry, @Nullable String hardLink) {}

  /**
   * Whether ADD unpacks the file: a tar, plain or packed. A packed file of another kind is none.
   *
   * @throws TreeException when it is called a tar and is packed in a way that cannot be read
   */
  public static boolean isArchive(Path file) throws IOException, TreeException {
    byte[] start;
    try (InputStream in = Content.ofFile(file).open()) {
      start = in.readNBytes(TarConstants.DEFAULT_RCDSIZE);
    }
    Compression packed = Compression.of(start);
    if (packed == Compression.NONE) {
      return TarArchiveInputStream.matches(start, start.length);
    }
    try (InputStream in = plain(file)) {
      byte[] plain = in.readNBytes(TarConstants.DEFAULT_RCDSIZE);
      return TarArchiveInputStream.matches(plain, plain.length);
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // It only begins like a packed file.
      return false;
    }
  }

  /** All headers in their order. */
  List<Item> items() throws IOException, TreeException {
    List<Item> items = new ArrayList<>();
    try (RawAttributes raw = new RawAttributes(plain(file));
        TarArchiveInputStream tar = new TarArchiveInputStream(raw, "UTF-8")) {
      int ordinal = 0;
      for (TarArchiveEntry header = tar.getNextEntry();
          header != null;
          header = tar.getNextEntry()) {
        items.add(item(header, raw.take(), ordinal++));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("a tar header is damaged in " + file.getFileName(), e);
    }
    return items;
  }

  private static InputStream plain(Path file) throws IOException {
    return Compression.unpack(new CancellableStream(Content.ofFile(file).open()));
  }

  private Item item(TarArchiveEntry header, Map<String, String> attributes, int ordinal) {
    String path = header.getName();
    if (header.isLink()) {
      return new Item(path, null, header.getLinkName());
    }
    FileEntry.Body body = body(header, ordinal);
    Owner owner = new Owner(header.getLongUserId(), header.getLongGroupId());
    long modified = header.getLastModifiedTime().toInstant().getEpochSecond();
    return new Item(
        path, new FileEntry(body, header.getMode() & 07777, owner, modified, attributes), null);
  }

  private FileEntry.Body body(TarArchiveEntry header, int ordinal) {
    if (header.isDirectory()) {
      return new FileEntry.Directory();
    }
    if (header.isSymbolicLink()) {
      return new FileEntry.Link(header.getLinkName());
    }
    if (header.isCharacterDevice() || header.isBlockDevice() || header.isFIFO()) {
      return new FileEntry.Special(
          header.getLinkFlag(), header.getDevMajor(), header.getDevMinor());
    }
    return new FileEntry.Regular(() -> read(ordinal), header.getRealSize());
  }

  private InputStream read(int ordinal) throws IOException {
    TarFile tar = open;
    if (tar == null) {
      tar = new TarFile(unpack());
      open = tar;
    }
    return tar.getInputStream(tar.getEntries().get(ordinal));
  }

  private Path unpack() throws IOException {
    try (InputStream in = plain(file);
        OutputStream out = Files.newOutputStream(unpacked)) {
      byte[] buffer = new byte[1 << 16];
      long size = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        size += n;
        if (size > MAX_UNPACKED_BYTES) {
          throw new TreeException("it unpacks to more than " + (MAX_UNPACKED_BYTES >> 30) + " GiB");
        }
        out.write(buffer, 0, n);
      }
    } catch (TreeException e) {
      throw new IOException(e.getMessage(), e);
    }
    return unpacked;
  }

  @Override
  public void close() throws IOException {
    TarFile tar = open;
    open = null;
    if (tar != null) {
      tar.close();
    }
    Files.deleteIfExists(unpacked);
  }
}
