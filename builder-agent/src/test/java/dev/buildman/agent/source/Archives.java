package dev.buildman.agent.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Archives in memory, good and evil. */
final class Archives {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar;

  private Archives(boolean gzip) throws IOException {
    tar = new TarArchiveOutputStream(gzip ? new GZIPOutputStream(bytes) : bytes, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
  }

  static Archives tar() throws IOException {
    return new Archives(false);
  }

  /** A gzipped tar that holds one file of that many zeros, never whole in memory. */
  static byte[] gzippedZeros(long size) throws IOException {
    return new Archives(true).zeros("zeros", size).plain();
  }

  Archives file(String name, String content) throws IOException {
    return file(name, content, 0100644);
  }

  Archives file(String name, String content, int mode) throws IOException {
    byte[] data = content.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(data.length);
    entry.setMode(mode);
    return put(entry, data);
  }

  Archives folder(String name, int mode) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name + "/", true);
    entry.setMode(mode);
    return put(entry, new byte[0]);
  }

  Archives symlink(String name, String target) throws IOException {
    return link(name, target, TarConstants.LF_SYMLINK);
  }

  Archives hardlink(String name, String target) throws IOException {
    return link(name, target, TarConstants.LF_LINK);
  }

  Archives special(String name, byte kind) throws IOException {
    return put(new TarArchiveEntry(name, kind, true), new byte[0]);
  }

  private Archives link(String name, String target, byte kind) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
    entry.setLinkName(target);
    return put(entry, new byte[0]);
  }

  private Archives put(TarArchiveEntry entry, byte[] data) throws IOException {
    entry.setModTime(0);
    tar.putArchiveEntry(entry);
    tar.write(data);
    tar.closeArchiveEntry();
    return this;
  }

  Archives zeros(String name, long size) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(size);
    tar.putArchiveEntry(entry);
    byte[] chunk = new byte[1 << 20];
    for (long left = size; left > 0; left -= chunk.length) {
      tar.write(chunk, 0, (int) Math.min(left, chunk.length));
    }
    tar.closeArchiveEntry();
    return this;
  }

  byte[] plain() throws IOException {
    tar.close();
    return bytes.toByteArray();
  }

  byte[] gzipped() throws IOException {
    return gzip(plain(), 0);
  }

  /** Gzipped bytes with that many zeros after them. */
  static byte[] gzip(byte[] head, int zeros) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(head);
      gzip.write(new byte[zeros]);
    }
    return out.toByteArray();
  }

  static byte[] zip(String name, String content, int mode) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
      ZipArchiveEntry entry = new ZipArchiveEntry(name);
      entry.setUnixMode(mode);
      zip.putArchiveEntry(entry);
      zip.write(content.getBytes(StandardCharsets.UTF_8));
      zip.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  static String dataUrl(String type, byte[] content) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(content);
  }
}
