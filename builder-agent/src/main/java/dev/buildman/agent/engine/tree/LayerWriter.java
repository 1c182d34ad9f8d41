package dev.buildman.agent.engine.tree;

import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Writes layers. The same entries give the same bytes: sorted by path, whole seconds, no names of
 * users, no time in the gzip header; with a source date nothing is younger than it.
 */
public final class LayerWriter {

  private static final int BUFFER = 1 << 16;

  private final long latest;

  /**
   * @param sourceDate the latest time that an entry may carry, null for no limit
   */
  public LayerWriter(@Nullable Instant sourceDate) {
    this.latest = sourceDate == null ? Long.MAX_VALUE : sourceDate.getEpochSecond();
  }

  /**
   * Writes entries as a gzipped tar.
   *
   * @param entries by path, parents first as their order has it
   * @param target is replaced
   */
  public Layer write(SortedMap<String, FileEntry> entries, Path target) throws IOException {
    MessageDigest packed = sha256();
    MessageDigest plain = sha256();
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), BUFFER);
        OutputStream gzip = new GZIPOutputStream(new DigestOutputStream(file, packed), BUFFER);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(
                new BufferedOutputStream(new DigestOutputStream(gzip, plain), BUFFER), "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      writeAll(entries, tar);
    }
    Descriptor blob =
        new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, digest(packed), Files.size(target));
    return new Layer(blob, digest(plain));
  }

  private void writeAll(SortedMap<String, FileEntry> entries, TarArchiveOutputStream tar)
      throws IOException {
    Map<Content, String> written = new IdentityHashMap<>();
    for (Map.Entry<String, FileEntry> named : entries.entrySet()) {
      FileEntry entry = named.getValue();
      String first =
          entry.body() instanceof FileEntry.Regular(Content content, long size)
              ? written.putIfAbsent(content, named.getKey())
              : null;
      TarArchiveEntry header =
          first == null ? header(named.getKey(), entry) : hardLink(named.getKey(), first);
      header.setMode(entry.mode());
      header.setUserId(entry.owner().uid());
      header.setGroupId(entry.owner().gid());
      header.setUserName("");
      header.setGroupName("");
      header.setModTime(FileTime.from(Instant.ofEpochSecond(Math.min(entry.modified(), latest))));
      PaxAttributes.put(tar, header, entry.extended());
      if (first == null && entry.body() instanceof FileEntry.Regular(Content content, long size)) {
        copy(content, tar);
      }
      tar.closeArchiveEntry();
    }
  }

  private static TarArchiveEntry header(String path, FileEntry entry) {
    return switch (entry.body()) {
      case FileEntry.Directory directory -> new TarArchiveEntry(path + "/", TarConstants.LF_DIR);
      case FileEntry.Regular(Content content, long size) -> {
        TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
        header.setSize(size);
        yield header;
      }
      case FileEntry.Link(String target) -> {
        TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
        header.setLinkName(target);
        yield header;
      }
      case FileEntry.Special special -> {
        TarArchiveEntry header = new TarArchiveEntry(path, special.tarType());
        header.setDevMajor(special.major());
        header.setDevMinor(special.minor());
        yield header;
      }
    };
  }

  private static TarArchiveEntry hardLink(String path, String first) {
    TarArchiveEntry header = new TarArchiveEntry(path, TarConstants.LF_LINK);
    header.setLinkName(first);
    return header;
  }

  private static void copy(Content content, OutputStream tar) throws IOException {
    try (InputStream in = new CancellableStream(content.open())) {
      in.transferTo(tar);
    }
  }

  private static Digest digest(MessageDigest hash) {
    return new Digest("sha256", HexFormat.of().formatHex(hash.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
