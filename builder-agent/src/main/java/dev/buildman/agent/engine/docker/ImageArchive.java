package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Reads what {@code docker save} writes, in one go and in every form that daemons gave it: a folder
 * for each layer (Docker up to 24), one tar for each layer with links to it (Podman), an OCI layout
 * with plain layers (Docker from 25) or packed ones (Docker with containerd's store). All have
 * {@code manifest.json}, which says what is what and mostly comes last.
 */
final class ImageArchive {
  private static final int LARGEST_DOCUMENT = 8 << 20;
  private static final int HEAD = 512;
  private static final int MAGIC_AT = 257; // of "ustar" in a tar's first header

  private final LayerFiles layers;
  private final Map<String, byte[]> documents = new HashMap<>();
  private final Map<String, LayerFiles.Layer> found = new HashMap<>();
  private final Map<String, String> links = new HashMap<>();

  private ImageArchive(LayerFiles layers) {
    this.layers = layers;
  }

  /**
   * Reads an image.
   *
   * @param folder an existing one for the packed layers
   * @param known whose layers are left out
   * @param renewal what is made of its configuration; the layers stay as they are
   * @throws IOException when the stream breaks off, or holds no image whose layers are those of its
   *     configuration
   */
  static SavedImage read(
      InputStream stream, Path folder, KnownImages known, UnaryOperator<byte[]> renewal)
      throws IOException, InterruptedException {
    ImageArchive archive = new ImageArchive(new LayerFiles(folder, known));
    archive.entries(stream);
    return archive.image(known, renewal);
  }

  private void entries(InputStream stream) throws IOException, InterruptedException {
    TarArchiveInputStream tar = new TarArchiveInputStream(stream, StandardCharsets.UTF_8.name());
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      String name = plain(entry.getName());
      if (entry.isSymbolicLink()) {
        String folder = name.substring(0, name.lastIndexOf('/') + 1);
        links.put(name, resolved(folder + entry.getLinkName()));
      } else if (entry.isLink()) {
        links.put(name, plain(entry.getLinkName()));
      } else if (entry.isFile()) {
        file(name, entry.getSize(), new BufferedInputStream(tar));
      }
    }
  }

  private void file(String name, long size, InputStream content) throws IOException {
    content.mark(HEAD);
    byte[] head = content.readNBytes(HEAD);
    content.reset();
    if (isTar(head) || LayerFiles.isPacked(head) || size > LARGEST_DOCUMENT) {
      found.put(name, layers.take(content, head));
    } else {
      documents.put(name, content.readNBytes(LARGEST_DOCUMENT));
    }
  }

  private static boolean isTar(byte[] head) {
    // A layer without files is nothing but zeros.
    return head.length == HEAD
        && (head[0] == 0
            || new String(head, MAGIC_AT, 5, StandardCharsets.US_ASCII).equals("ustar"));
  }

  private SavedImage image(KnownImages known, UnaryOperator<byte[]> renewal) throws IOException {
    JsonNode manifest = Json.read(document("manifest.json")).path(0);
    byte[] config = document(manifest.path("Config").asText());
    JsonNode diffIds = Json.read(config).path("rootfs").path("diff_ids");
    JsonNode names = manifest.path("Layers");
    if (names.size() != diffIds.size()) {
      throw new IOException("the exported image has other layers than its configuration names");
    }
    List<Descriptor> blobs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      LayerFiles.Layer layer = layer(names.path(i).asText());
      if (!layer.diffId().equals(diffIds.path(i).asText()) && !layer.diffId().isEmpty()) {
        throw new IOException("an exported layer is not what the image's configuration names");
      }
      blobs.add(layer.blob());
    }
    Map<Digest, Path> files = new HashMap<>();
    found
        .values()
        .forEach(layer -> layers.file(layer).ifPresent(f -> files.put(layer.blob().digest(), f)));
    return SavedImage.of(renewal.apply(config), blobs, files, known);
  }

  private byte[] document(String name) throws IOException {
    byte[] document = documents.get(follow(name));
    if (document == null) {
      throw new IOException("the exported image has no " + name);
    }
    return document;
  }

  private LayerFiles.Layer layer(String name) throws IOException {
    LayerFiles.Layer layer = found.get(follow(name));
    if (layer == null) {
      throw new IOException("the exported image lacks its layer " + name);
    }
    return layer;
  }

  private String follow(String name) {
    String at = plain(name);
    for (int i = 0; i < links.size() && links.containsKey(at); i++) {
      at = links.getOrDefault(at, at);
    }
    return at;
  }

  private static String plain(String name) {
    return name.startsWith("./") ? name.substring(2) : name;
  }

  private static String resolved(String path) {
    return Path.of(path).normalize().toString();
  }
}
