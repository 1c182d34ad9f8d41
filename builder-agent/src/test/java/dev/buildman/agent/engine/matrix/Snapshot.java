package dev.buildman.agent.engine.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.registry.TransferProgress;
import dev.buildman.agent.runtime.Sleeper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** An image in a registry as lines that can be compared. */
final class Snapshot {
  private static final long TIMED = 1_234_567_890;
  private static final int SHORT = 200;

  /** What engines make for RUN to work, in their own ways: no part of anybody's image. */
  private static final Set<String> SCAFFOLD =
      Set.of(
          "dev",
          "proc",
          "sys",
          "run",
          "run/secrets",
          "run/buildkit",
          "etc",
          "etc/hosts",
          "etc/hostname",
          "etc/resolv.conf",
          "tt",
          "tmp",
          "bin");

  private final Map<String, String> files = new TreeMap<>();
  private final TreeSet<String> config = new TreeSet<>();
  private final String canary;
  private boolean leaks;

  private Snapshot(String canary) {
    this.canary = canary;
  }

  /**
   * Takes it.
   *
   * @param layersOfBase are left out
   * @param folder for layers
   */
  static Snapshot of(ImageReference image, int layersOfBase, Path folder, String canary)
      throws IOException, InterruptedException {
    Snapshot snapshot = new Snapshot(canary);
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      Manifest manifest = client.manifest(image);
      byte[] json = client.readBlob(image.repository(), manifest.config(), 1 << 20);
      snapshot.leaks = new String(json, StandardCharsets.ISO_8859_1).contains(canary);
      snapshot.config(Json.read(json).path("config"));
      int number = 0;
      for (Descriptor layer : manifest.layers()) {
        Path file = folder.resolve(layer.digest().hex());
        client.pullBlob(image.repository(), layer, file, TransferProgress.NONE);
        if (number++ >= layersOfBase) {
          snapshot.layer(BlobContent.of(file));
        }
        Files.delete(file);
      }
    }
    return snapshot;
  }

  private void layer(BlobContent content) throws IOException {
    try (InputStream in = new GZIPInputStream(content.open());
        TarArchiveInputStream tar = new TarArchiveInputStream(in, "UTF-8")) {
      for (TarArchiveEntry header = tar.getNextEntry();
          header != null;
          header = tar.getNextEntry()) {
        String path = header.getName().replaceAll("^\\./|^/|/$", "");
        if (!path.isEmpty() && !path.equals(".")) {
          entry(path, header, tar);
        }
      }
    }
  }

  private void entry(String path, TarArchiveEntry header, InputStream in) throws IOException {
    String owner = header.getLongUserId() + ":" + header.getLongGroupId();
    String mode = Integer.toOctalString(header.getMode() & 07777);
    if (header.isSymbolicLink()) {
      files.put(path, "l - " + owner + " -> " + header.getLinkName());
    } else if (header.isDirectory()) {
      files.put(path, "d " + mode + " " + owner);
    } else if (header.isLink()) {
      String target = header.getLinkName().replaceAll("^\\./|^/", "");
      files.put(path, String.valueOf(files.get(target)));
    } else {
      Instant modified = header.getLastModifiedTime().toInstant();
      String time = Math.abs(modified.getEpochSecond() - TIMED) < 2 ? " @" + shown(modified) : "";
      files.put(path, "f %s %s %s%s".formatted(mode, owner, text(header.getSize(), in), time));
    }
  }

  private static String shown(Instant time) {
    return time.getEpochSecond() + (time.getNano() == 0 ? "" : "." + time.getNano());
  }

  private String text(long size, InputStream in) throws IOException {
    if (size > SHORT) {
      in.transferTo(OutputStream.nullOutputStream());
      return size + " bytes";
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    in.transferTo(bytes);
    String text = bytes.toString(StandardCharsets.UTF_8);
    leaks |= text.contains(canary);
    return text.replace("\n", "\\n");
  }

  private void config(JsonNode from) {
    for (JsonNode pair : from.path("Env")) {
      if (!pair.asText().startsWith("PATH=")) {
        config.add("Env " + pair.asText());
      }
    }
    for (String list : List.of("Cmd", "Entrypoint", "OnBuild")) {
      if (!from.path(list).isEmpty()) {
        config.add(list + "=" + words(from.path(list)));
      }
    }
    for (String names : List.of("ExposedPorts", "Volumes")) {
      TreeSet<String> sorted = new TreeSet<>();
      from.path(names).fieldNames().forEachRemaining(sorted::add);
      if (!sorted.isEmpty()) {
        config.add(names + "=" + sorted);
      }
    }
    from.path("Labels")
        .properties()
        .forEach(label -> config.add("Label " + label.getKey() + "=" + label.getValue().asText()));
    config.removeIf(line -> line.startsWith("Label io.buildah.version"));
    for (String text : List.of("User", "StopSignal", "WorkingDir")) {
      String value = from.path(text).asText("");
      if (!value.isEmpty() && !value.equals("/")) {
        config.add(text + "=" + value);
      }
    }
    if (from.has("Healthcheck")) {
      config.add("Healthcheck=" + words(from.path("Healthcheck").path("Test")));
    }
  }

  private static List<String> words(JsonNode array) {
    return array.valueStream().map(JsonNode::asText).toList();
  }

  /** Whether the canary stands in the configuration, its history or a file. */
  boolean leaks() {
    return leaks;
  }

  /** All lines, sorted; scaffolding and what the base image's own CMD says left out. */
  List<String> lines(boolean onBase) {
    TreeSet<String> lines = new TreeSet<>(config);
    if (onBase) {
      lines.remove("Cmd=[sh]");
    }
    files.forEach(
        (path, what) -> {
          if (!SCAFFOLD.contains(path)) {
            lines.add(path + " " + what);
          }
        });
    return List.copyOf(lines);
  }
}
