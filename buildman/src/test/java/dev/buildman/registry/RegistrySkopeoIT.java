package dev.buildman.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.tools.RequiresTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client that is not ours makes of the registry. */
@RequiresTool(value = "skopeo", debianPackage = "skopeo")
final class RegistrySkopeoIT {

  @TempDir private Path folder;
  private RegistryServer registry;

  @BeforeEach
  void start() throws IOException {
    registry =
        RegistryServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder.resolve("registry"),
            Instant.EPOCH,
            Optional.empty());
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void anImageGoesInAndComesOutByteForByte() throws Exception {
    Path layout = layout();
    copy("oci:" + layout + ":v1", repository("one/image:v1"));
    assertThat(skopeo("inspect", "--tls-verify=false", repository("one/image:v1")))
        .contains("\"Name\": \"127.0.0.1", "one/image", "v1");
    copy(repository("one/image:v1"), "oci:" + folder.resolve("out") + ":v1");
    assertThat(blobs(folder.resolve("out"))).isEqualTo(blobs(layout));
  }

  @Test
  void anImageIsCopiedBetweenRepositoriesListedAndDeleted() throws Exception {
    copy("oci:" + layout() + ":v1", repository("one/image:v1"));
    copy(repository("one/image:v1"), repository("two/image:v2"));
    assertThat(skopeo("list-tags", "--tls-verify=false", repository("two/image"))).contains("v2");
    skopeo("delete", "--tls-verify=false", repository("two/image:v2"));
    assertThat(skopeo("list-tags", "--tls-verify=false", repository("two/image")))
        .doesNotContain("v2");
    assertThat(skopeo("inspect", "--tls-verify=false", repository("one/image:v1"))).contains("v1");
  }

  @Test
  void theDockerFormatIsKeptToo() throws Exception {
    skopeo(
        "copy",
        "--format=v2s2",
        "--dest-tls-verify=false",
        "oci:" + layout() + ":v1",
        repository("one/docker:v1"));
    assertThat(skopeo("inspect", "--raw", "--tls-verify=false", repository("one/docker:v1")))
        .contains(ManifestCheck.DOCKER_MANIFEST);
  }

  private void copy(String from, String to) throws Exception {
    skopeo(
        "copy",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        from,
        to);
  }

  private String repository(String name) {
    return "docker://127.0.0.1:" + registry.address().getPort() + "/" + name;
  }

  private static String skopeo(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ":\n" + output).isZero();
    return output;
  }

  /** An OCI layout with one image of one empty layer, made by hand. */
  private Path layout() throws IOException {
    Path layout = Files.createDirectories(folder.resolve("layout"));
    byte[] layer = new byte[1024];
    String layerDigest = blob(layout, layer);
    String config =
        """
        {"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["%s"]}}\
        """
            .formatted(layerDigest);
    String configDigest = blob(layout, config.getBytes(StandardCharsets.UTF_8));
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":%d,"digest":"%s"},
         "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","size":1024,"digest":"%s"}]}\
        """
            .formatted(ManifestCheck.OCI_MANIFEST, config.length(), configDigest, layerDigest);
    String manifestDigest = blob(layout, manifest.getBytes(StandardCharsets.UTF_8));
    Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        layout.resolve("index.json"),
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","size":%d,"digest":"%s",
         "annotations":{"org.opencontainers.image.ref.name":"v1"}}]}\
        """
            .formatted(ManifestCheck.OCI_MANIFEST, manifest.length(), manifestDigest));
    return layout;
  }

  private static String blob(Path layout, byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    Path file = layout.resolve("blobs/sha256").resolve(digest.hex());
    Files.createDirectories(file.getParent());
    Files.write(file, content);
    return digest.toString();
  }

  private static List<String> blobs(Path layout) throws IOException {
    try (var files = Files.list(layout.resolve("blobs/sha256"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
