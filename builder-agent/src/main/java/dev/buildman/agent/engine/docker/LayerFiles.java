package dev.buildman.agent.engine.docker;

import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * The layers of an exported image: those that no registry has are packed into files. The same layer
 * becomes the same bytes every time.
 */
final class LayerFiles {
  private static final int BUFFER = 128 << 10;

  private final Path folder;
  private final KnownImages known;
  private int number;

  LayerFiles(Path folder, KnownImages known) {
    this.folder = folder;
    this.known = known;
  }

  /**
   * A layer.
   *
   * @param diffId digest of its plain tar; empty where it came packed
   * @param blob as a registry keeps it
   */
  record Layer(String diffId, Descriptor blob) {}

  /** Whether this is the beginning of a gzip or zstd stream. */
  static boolean isPacked(byte[] head) {
    return isGzip(head) || isZstd(head);
  }

  private static boolean isGzip(byte[] head) {
    return head.length > 2 && head[0] == 0x1f && head[1] == (byte) 0x8b;
  }

  private static boolean isZstd(byte[] head) {
    return head.length > 4
        && head[0] == 0x28
        && head[1] == (byte) 0xb5
        && head[2] == 0x2f
        && head[3] == (byte) 0xfd;
  }

  /**
   * Takes one, whole.
   *
   * @param head its first bytes
   */
  Layer take(InputStream content, byte[] head) throws IOException {
    Path spool = folder.resolve("layer-" + number++ + ".tmp");
    try {
      MessageDigest hash = sha256();
      try (OutputStream out = Files.newOutputStream(spool)) {
        new DigestInputStream(content, hash).transferTo(out);
      }
      Digest digest = digest(hash);
      if (isPacked(head)) {
        String type = isGzip(head) ? MediaTypes.DOCKER_LAYER_GZIP : MediaTypes.OCI_LAYER_ZSTD;
        return kept(spool, "", new Descriptor(type, digest, Files.size(spool)));
      }
      Optional<Descriptor> there = known.layer(digest);
      return there.isPresent()
          ? new Layer(digest.toString(), there.get())
          : packed(spool, digest.toString());
    } finally {
      Files.deleteIfExists(spool);
    }
  }

  private Layer packed(Path plain, String diffId) throws IOException {
    Path packed = folder.resolve("layer-" + number++ + ".tmp");
    MessageDigest hash = sha256();
    try (OutputStream file = Files.newOutputStream(packed);
        OutputStream gzip = new GZIPOutputStream(new DigestOutputStream(file, hash), BUFFER)) {
      Files.copy(plain, gzip);
    }
    Descriptor blob =
        new Descriptor(MediaTypes.DOCKER_LAYER_GZIP, digest(hash), Files.size(packed));
    return kept(packed, diffId, blob);
  }

  private Layer kept(Path file, String diffId, Descriptor blob) throws IOException {
    Files.move(file, path(blob), StandardCopyOption.REPLACE_EXISTING);
    return new Layer(diffId, blob);
  }

  /** The packed layer, where it is here. */
  Optional<Path> file(Layer layer) {
    return Optional.of(path(layer.blob)).filter(Files::exists);
  }

  private Path path(Descriptor blob) {
    return folder.resolve(blob.digest().hex() + ".layer");
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
