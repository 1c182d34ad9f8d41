package dev.buildman.agent.source;

import dev.buildman.agent.compression.Compression;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/**
 * Tells what a package is: its first bytes decide where they are clear, so that an archive served
 * as {@code application/octet-stream} is unpacked; the Content-Type decides the rest, with the
 * types that Quay's manager serves.
 */
final class Packages {
  private static final int LOOK = 512;
  private static final int TAR_MAGIC = 257;
  private static final Set<String> TEXT =
      Set.of("", "text/plain", "application/octet-stream", "binary/octet-stream");
  private static final Set<String> ARCHIVE =
      Set.of(
          "application/gzip",
          "application/x-gzip",
          "application/x-tar",
          "application/tar",
          "application/tar+gzip",
          "application/x-xz",
          "application/x-bzip2",
          "application/zstd",
          "application/zip",
          "application/x-zip-compressed");

  private Packages() {}

  /** The type of a header: lower case, without parameters. */
  static String contentType(String header) {
    return header.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws SourceFailure CANNOT_EXTRACT_BUILD_PACK naming what it is instead
   */
  static PackageKind kind(Path file, String contentType) throws SourceFailure, IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(LOOK);
    }
    if (Compression.of(head) != Compression.NONE) {
      return PackageKind.TAR;
    }
    if (begins(head, 'P', 'K', 3, 4) || begins(head, 'P', 'K', 5, 6)) {
      return PackageKind.ZIP;
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("ustar", TAR_MAGIC)) {
      return PackageKind.TAR;
    }
    refuseOther(head, text, contentType);
    if (ARCHIVE.contains(contentType)) {
      // An old tar carries no magic; reading it finds out.
      if (contentType.endsWith("tar")) {
        return PackageKind.TAR;
      }
      throw unusable("it was served as " + contentType + " but is none");
    }
    if (TEXT.contains(contentType) && text.indexOf('\0') < 0 && head.length > 0) {
      return PackageKind.DOCKERFILE;
    }
    throw unusable(
        head.length == 0
            ? "it is empty"
            : "it is neither a tar (plain, gzip, xz, bzip2, zstd) nor a zip nor a Dockerfile ("
                + contentType
                + ")");
  }

  private static void refuseOther(byte[] head, String text, String contentType)
      throws SourceFailure {
    String begin = text.stripLeading().toLowerCase(Locale.ROOT);
    if (contentType.contains("html")
        || begin.startsWith("<!doctype html")
        || begin.startsWith("<html")) {
      throw unusable("it is an HTML page; does the address need a login, or lead to a web page?");
    }
    if (begins(head, '7', 'z', 0xbc, 0xaf) || text.startsWith("Rar!")) {
      throw unusable("it is a 7z or RAR archive; use tar or zip");
    }
  }

  private static boolean begins(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static SourceFailure unusable(String why) {
    return new SourceFailure(
        FailureCode.CANNOT_EXTRACT_BUILD_PACK, "the source's package cannot be unpacked: " + why);
  }
}
