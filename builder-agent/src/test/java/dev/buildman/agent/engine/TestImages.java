package dev.buildman.agent.engine;

import dev.buildman.agent.compression.Compression;
import dev.buildman.agent.compression.Packer;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.registry.TransferProgress;
import dev.buildman.agent.runtime.Sleeper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes images and tars for tests, with nothing of the engines. */
public final class TestImages {

  private TestImages() {}

  /** One header with its content; a target makes it a link. */
  public record Item(String path, byte type, int mode, String target, String text) {
    /** A regular file. */
    public static Item file(String path, String text) {
      return new Item(path, TarConstants.LF_NORMAL, 0644, "", text);
    }

    /** A directory. */
    public static Item folder(String path) {
      return new Item(path + "/", TarConstants.LF_DIR, 0755, "", "");
    }

    /** A symbolic link. */
    public static Item link(String path, String target) {
      return new Item(path, TarConstants.LF_SYMLINK, 0777, target, "");
    }

    /** A hard link. */
    public static Item hardLink(String path, String target) {
      return new Item(path, TarConstants.LF_LINK, 0644, target, "");
    }

    /** The same with another mode. */
    public Item mode(int bits) {
      return new Item(path, type, bits, target, text);
    }
  }

  /** A plain tar. */
  public static byte[] tar(List<Item> items) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Item item : items) {
        byte[] content = item.text().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(item.path(), item.type(), true);
        entry.setMode(item.mode());
        entry.setModTime(1_000_000_000_000L);
        entry.setLinkName(item.target());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  /** The bytes gzipped. */
  public static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  /**
   * Pushes an image.
   *
   * @param config the content of the section {@code config}, a JSON object
   */
  public static Manifest push(ImageReference image, String config, List<List<Item>> layers)
      throws IOException, InterruptedException {
    return push(image, config, layers, Compression.GZIP);
  }

  /** The same with layers packed in another way. */
  public static Manifest push(
      ImageReference image, String config, List<List<Item>> layers, Compression packing)
      throws IOException, InterruptedException {
    String type =
        packing == Compression.ZSTD ? MediaTypes.OCI_LAYER_ZSTD : MediaTypes.OCI_LAYER_GZIP;
    List<String> diffIds = new ArrayList<>();
    List<Descriptor> blobs = new ArrayList<>();
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      for (List<Item> layer : layers) {
        byte[] plain = tar(layer);
        byte[] packed = Packer.pack(packing, plain);
        diffIds.add("\"" + Digest.of(plain) + "\"");
        blobs.add(send(client, image, type, packed));
      }
      String json =
          "{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]},\"history\":[]}"
              .formatted(
                  Platform.ofThisMachine().architecture(), config, String.join(",", diffIds));
      Descriptor configBlob =
          send(client, image, MediaTypes.OCI_CONFIG, json.getBytes(StandardCharsets.UTF_8));
      String manifest =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
              .formatted(
                  MediaTypes.OCI_MANIFEST,
                  part(configBlob),
                  String.join(",", blobs.stream().map(TestImages::part).toList()));
      Manifest made =
          Manifest.parse(MediaTypes.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8));
      client.putManifest(image, made);
      return made;
    }
  }

  private static Descriptor send(
      RegistryClient client, ImageReference image, String type, byte[] bytes)
      throws IOException, InterruptedException {
    Descriptor blob = new Descriptor(type, Digest.of(bytes), bytes.length);
    client.pushBlob(image.repository(), blob, BlobContent.of(bytes), null, TransferProgress.NONE);
    return blob;
  }

  private static String part(Descriptor blob) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(blob.mediaType(), blob.digest(), blob.size());
  }
}
