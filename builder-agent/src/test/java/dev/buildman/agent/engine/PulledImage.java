package dev.buildman.agent.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An image as a registry serves it, every digest checked, its layers laid one over the other.
 *
 * @param manifest its manifest
 * @param json its configuration
 * @param files by path without slashes around it
 */
public record PulledImage(Manifest manifest, JsonNode json, Map<String, Entry> files) {

  private static final int LIMIT = 64 << 20;

  /**
   * One file: the type flag of its header, permission bits, numeric owner, link target and content.
   */
  public record Entry(char type, int mode, String owner, String target, String text) {}

  /** Pulls it without credentials. */
  public static PulledImage pull(ImageReference image) throws IOException, InterruptedException {
    return pull(image, CredentialStore.none());
  }

  /** Pulls it. */
  public static PulledImage pull(ImageReference image, CredentialStore credentials)
      throws IOException, InterruptedException {
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), credentials, Sleeper.system())) {
      Manifest manifest = client.manifest(image);
      JsonNode json =
          JsonMapper.builder()
              .build()
              .readTree(client.readBlob(image.repository(), manifest.config(), LIMIT));
      Map<String, Entry> files = new TreeMap<>();
      int number = 0;
      for (Descriptor layer : manifest.layers()) {
        byte[] plain =
            new GZIPInputStream(
                    new ByteArrayInputStream(client.readBlob(image.repository(), layer, LIMIT)))
                .readAllBytes();
        if (!Digest.of(plain)
            .toString()
            .equals(json.path("rootfs").path("diff_ids").path(number++).asText())) {
          throw new IOException(
              "the unpacked layer " + layer.digest() + " is not what the configuration says");
        }
        lay(plain, files);
      }
      return new PulledImage(manifest, json, files);
    }
  }

  private static void lay(byte[] layer, Map<String, Entry> files) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(layer), "UTF-8")) {
      for (TarArchiveEntry header = tar.getNextEntry();
          header != null;
          header = tar.getNextEntry()) {
        String path = header.getName().replaceAll("^\\./|^/|/$", "");
        int name = path.lastIndexOf('/') + 1;
        if (path.startsWith(".wh.", name)) {
          String hidden = path.substring(0, name) + path.substring(name + 4);
          files.keySet().removeIf(file -> file.equals(hidden) || file.startsWith(hidden + "/"));
          continue;
        }
        String text = new String(tar.readAllBytes(), StandardCharsets.UTF_8);
        String owner = header.getLongUserId() + ":" + header.getLongGroupId();
        files.put(
            path,
            new Entry(
                (char) header.getLinkFlag(),
                header.getMode() & 07777,
                owner,
                header.getLinkName(),
                text));
      }
    }
  }

  /** The section {@code config} of the configuration. */
  public JsonNode config() {
    return json.path("config");
  }

  /** A file; hard links followed. */
  public @Nullable Entry file(String path) {
    Entry entry = files.get(path);
    return entry != null && entry.type() == '1' ? files.get(entry.target()) : entry;
  }

  /** The content of a file, null when it is not there. */
  public @Nullable String text(String path) {
    Entry entry = file(path);
    return entry == null ? null : entry.text();
  }

  /** The strings of an array in the section {@code config}. */
  public List<String> words(String field) {
    return config().path(field).valueStream().map(JsonNode::asText).toList();
  }
}
