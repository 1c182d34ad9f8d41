package dev.buildman.agent.engine;

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
import dev.buildman.agent.testing.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A base image with a shell, made of the machine's own busybox and of no engine. */
public final class BusyboxImage {
  private static final List<String> PROGRAMS =
      List.of(
          "sh", "cat", "echo", "sleep", "true", "id", "env", "touch", "mkdir", "chmod", "rm", "wc");

  private BusyboxImage() {}

  /** Pushes it. */
  public static void push(ImageReference image, CredentialStore credentials)
      throws IOException, InterruptedException {
    byte[] layer = layer();
    byte[] packed = TestImages.gzip(layer);
    byte[] config =
        """
        {"os":"linux","architecture":"%s","config":{"Env":["PATH=/bin"],"Cmd":["sh"]},\
        "rootfs":{"type":"layers","diff_ids":["%s"]},"history":[{"created":"2001-09-09T01:46:40Z","created_by":"busybox"}]}
        """
            .formatted(Platform.ofThisMachine().architecture(), Digest.of(layer))
            .getBytes(StandardCharsets.UTF_8);
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), credentials, Sleeper.system())) {
      Descriptor layerBlob = send(client, image, MediaTypes.OCI_LAYER_GZIP, packed);
      Descriptor configBlob = send(client, image, MediaTypes.OCI_CONFIG, config);
      String manifest =
          "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
              .formatted(MediaTypes.OCI_MANIFEST, part(configBlob), part(layerBlob));
      client.putManifest(
          image,
          Manifest.parse(MediaTypes.OCI_MANIFEST, manifest.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static byte[] layer() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (String folder : List.of("bin/", "etc/", "tmp/")) {
        entry(tar, folder, TarConstants.LF_DIR, "", new byte[0]);
      }
      byte[] busybox = Files.readAllBytes(Program.BUSYBOX.path());
      entry(tar, "bin/busybox", TarConstants.LF_NORMAL, "", busybox);
      for (String name : PROGRAMS) {
        entry(tar, "bin/" + name, TarConstants.LF_SYMLINK, "busybox", new byte[0]);
      }
      byte[] users = "root:x:0:0:root:/:/bin/sh\n".getBytes(StandardCharsets.UTF_8);
      entry(tar, "etc/passwd", TarConstants.LF_NORMAL, "", users);
    }
    return bytes.toByteArray();
  }

  private static void entry(
      TarArchiveOutputStream tar, String name, byte type, String target, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setMode(0755);
    entry.setModTime(1_000_000_000_000L);
    entry.setLinkName(target);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
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
