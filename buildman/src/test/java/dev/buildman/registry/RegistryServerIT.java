package dev.buildman.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("listens again where it had listened, which another test could take meanwhile")
final class RegistryServerIT {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final byte[] BLOB = "the content of a layer".getBytes(StandardCharsets.UTF_8);
  private static final String DIGEST = Digest.sha256(BLOB).toString();

  @TempDir private Path root;
  private final HttpClient client = HttpClient.newHttpClient();
  private RegistryServer registry;

  @BeforeEach
  void start() throws IOException {
    registry = RegistryServer.start(loopback(), root, Instant.EPOCH, Optional.empty());
  }

  @AfterEach
  void stop() {
    registry.close();
    client.close();
  }

  @Test
  void aBlobIsPushedInOneRequestAndPulled() throws Exception {
    HttpResponse<String> pushed = push("a/b", BLOB, DIGEST);
    assertThat(pushed.statusCode()).isEqualTo(201);
    assertThat(header(pushed, "Docker-Content-Digest")).isEqualTo(DIGEST);
    HttpResponse<String> pulled = send("GET", header(pushed, "Location"), new byte[0]);
    assertThat(pulled.body().getBytes(StandardCharsets.UTF_8)).isEqualTo(BLOB);
    HttpResponse<String> head = send("HEAD", "/v2/a/b/blobs/" + DIGEST, new byte[0]);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(header(head, "Content-Length")).isEqualTo(String.valueOf(BLOB.length));
  }

  @Test
  void aBlobIsPushedInChunksAcrossARestart() throws Exception {
    HttpResponse<String> begun = send("POST", "/v2/a/blobs/uploads/", new byte[0]);
    assertThat(begun.statusCode()).isEqualTo(202);
    HttpResponse<String> first = send("PATCH", header(begun, "Location"), part(0, 4), "0-3");
    assertThat(first.statusCode()).isEqualTo(202);
    assertThat(header(first, "Range")).isEqualTo("0-3");

    registry.close();
    registry = RegistryServer.start(registry.address(), root, Instant.EPOCH, Optional.empty());

    HttpResponse<String> progress = send("GET", header(begun, "Location"), new byte[0]);
    assertThat(progress.statusCode()).isEqualTo(204);
    assertThat(header(progress, "Range")).isEqualTo("0-3");
    HttpResponse<String> gap = send("PATCH", header(first, "Location"), part(6, 9), "6-8");
    assertThat(gap.statusCode()).isEqualTo(416);
    assertThat(header(gap, "Range")).isEqualTo("0-3");
    HttpResponse<String> finished =
        send("PUT", header(first, "Location") + "?digest=" + DIGEST, part(4, BLOB.length));
    assertThat(finished.statusCode()).isEqualTo(201);
    assertThat(send("GET", "/v2/a/blobs/" + DIGEST, new byte[0]).body())
        .isEqualTo(new String(BLOB, StandardCharsets.UTF_8));
    assertThat(send("GET", header(begun, "Location"), new byte[0]).statusCode()).isEqualTo(404);
  }

  @Test
  void aChunkShorterThanItsRangeCountsNotAtAll() throws Exception {
    HttpResponse<String> begun = send("POST", "/v2/a/blobs/uploads/", new byte[0]);
    HttpResponse<String> bad = send("PATCH", header(begun, "Location"), part(0, 4), "0-9");
    assertThat(bad.statusCode()).isEqualTo(400);
    HttpResponse<String> whole = send("PUT", header(begun, "Location") + "?digest=" + DIGEST, BLOB);
    assertThat(whole.statusCode()).isEqualTo(201);
  }

  @Test
  void contentWithAnotherDigestIsRefusedAndNothingStays() throws Exception {
    String other = Digest.sha256(new byte[] {1}).toString();
    HttpResponse<String> refused = push("a", BLOB, other);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("DIGEST_INVALID");
    assertThat(send("HEAD", "/v2/a/blobs/" + other, new byte[0]).statusCode()).isEqualTo(404);
    assertThat(filesBelow("uploads")).isZero();
    assertThat(filesBelow("blobs")).isZero();
  }

  @Test
  void aBlobOfAnotherRepositoryIsMountedAndOtherwiseInvisible() throws Exception {
    assertThat(push("a", BLOB, DIGEST).statusCode()).isEqualTo(201);
    assertThat(send("GET", "/v2/b/blobs/" + DIGEST, new byte[0]).statusCode()).isEqualTo(404);
    HttpResponse<String> mounted =
        send("POST", "/v2/b/blobs/uploads/?from=a&mount=" + DIGEST, new byte[0]);
    assertThat(mounted.statusCode()).isEqualTo(201);
    assertThat(send("GET", "/v2/b/blobs/" + DIGEST, new byte[0]).statusCode()).isEqualTo(200);
    HttpResponse<String> absent =
        send("POST", "/v2/b/blobs/uploads/?from=c&mount=" + DIGEST, new byte[0]);
    assertThat(absent.statusCode()).isEqualTo(202);
  }

  @Test
  void deletingABlobKeepsItForTheRepositoriesThatStillHaveIt() throws Exception {
    push("a", BLOB, DIGEST);
    push("b", BLOB, DIGEST);
    assertThat(send("DELETE", "/v2/a/blobs/" + DIGEST, new byte[0]).statusCode()).isEqualTo(202);
    assertThat(send("GET", "/v2/a/blobs/" + DIGEST, new byte[0]).statusCode()).isEqualTo(404);
    assertThat(send("GET", "/v2/b/blobs/" + DIGEST, new byte[0]).statusCode()).isEqualTo(200);
    send("DELETE", "/v2/b/blobs/" + DIGEST, new byte[0]);
    assertThat(filesBelow("blobs")).isZero();
  }

  @Test
  void aRangeOfABlobIsServed() throws Exception {
    push("a", BLOB, DIGEST);
    HttpResponse<String> part =
        client.send(
            request("GET", "/v2/a/blobs/" + DIGEST, new byte[0])
                .header("Range", "bytes=4-10")
                .build(),
            BodyHandlers.ofString());
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo("content");
    assertThat(header(part, "Content-Range")).isEqualTo("bytes 4-10/" + BLOB.length);
  }

  @Test
  void aManifestIsServedByTagAndDigestUntilItIsDeleted() throws Exception {
    String manifest = manifest("a");
    HttpResponse<String> pushed = putManifest("a", "v1", manifest);
    assertThat(pushed.statusCode()).isEqualTo(201);
    String digest = header(pushed, "Docker-Content-Digest");
    for (String reference : new String[] {"v1", digest}) {
      HttpResponse<String> pulled = send("GET", "/v2/a/manifests/" + reference, new byte[0]);
      assertThat(pulled.body()).isEqualTo(manifest);
      assertThat(header(pulled, "Content-Type")).isEqualTo(ManifestCheck.OCI_MANIFEST);
    }
    putManifest("a", "v2", manifest);
    assertThat(send("GET", "/v2/a/tags/list", new byte[0]).body())
        .isEqualTo("{\"name\":\"a\",\"tags\":[\"v1\",\"v2\"]}");
    send("DELETE", "/v2/a/manifests/v1", new byte[0]);
    assertThat(send("GET", "/v2/a/manifests/v1", new byte[0]).statusCode()).isEqualTo(404);
    assertThat(send("DELETE", "/v2/a/manifests/" + digest, new byte[0]).statusCode())
        .isEqualTo(202);
    assertThat(send("GET", "/v2/a/manifests/v2", new byte[0]).statusCode()).isEqualTo(404);
  }

  @Test
  void aManifestMustFitItsDigestItsTypeAndTheBlobsThatAreThere() throws Exception {
    String manifest = manifest("a");
    assertThat(putManifest("a", DIGEST, manifest).body()).contains("DIGEST_INVALID");
    assertThat(putManifest("b", "v1", manifest).body()).contains("MANIFEST_BLOB_UNKNOWN");
    assertThat(putManifest("a", "v1", "{").body()).contains("MANIFEST_INVALID");
    assertThat(putManifest("a", "v1", "{\"schemaVersion\":1}").body()).contains("MANIFEST_INVALID");
    assertThat(putManifest("a", "v1", " ".repeat(4 * 1024 * 1024 + 1)).statusCode()).isEqualTo(413);
  }

  @Test
  void tagsAreListedInPages() throws Exception {
    String manifest = manifest("a");
    for (String tag : new String[] {"c", "a", "b"}) {
      putManifest("a", tag, manifest);
    }
    HttpResponse<String> page = send("GET", "/v2/a/tags/list?n=2", new byte[0]);
    assertThat(page.body()).contains("[\"a\",\"b\"]");
    assertThat(header(page, "Link")).isEqualTo("</v2/a/tags/list?n=2&last=b>; rel=\"next\"");
    HttpResponse<String> rest = send("GET", "/v2/a/tags/list?n=2&last=b", new byte[0]);
    assertThat(rest.body()).contains("[\"c\"]");
    assertThat(rest.headers().firstValue("Link")).isEmpty();
    assertThat(send("GET", "/v2/_catalog", new byte[0]).body())
        .isEqualTo("{\"repositories\":[\"a\"]}");
    assertThat(send("GET", "/v2/none/tags/list", new byte[0]).body()).contains("NAME_UNKNOWN");
  }

  @Test
  void errorsHaveTheBodyOfTheSpecification() throws Exception {
    HttpResponse<String> refused = send("GET", "/v2/UPPER/tags/list", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).matches("\\{\"errors\":\\[\\{.*\"code\":\"NAME_INVALID\".*}]}");
    assertThat(send("POST", "/v2/a/tags/list", new byte[0]).statusCode()).isEqualTo(405);
  }

  @Test
  void forgottenUploadsAreTakenAwayAtTheNextStart() throws Exception {
    send("POST", "/v2/a/blobs/uploads/", new byte[0]);
    HttpResponse<String> fresh = send("POST", "/v2/a/blobs/uploads/", new byte[0]);
    String freshId = header(fresh, "Docker-Upload-UUID");
    try (Stream<Path> files = Files.walk(root.resolve("uploads"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Duration age = file.toString().endsWith(freshId) ? Duration.ZERO : Duration.ofDays(2);
        Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
      }
    }
    registry.close();
    registry = RegistryServer.start(loopback(), root, NOW, Optional.empty());
    assertThat(filesBelow("uploads")).isOne();
  }

  @Test
  void withAPasswordNothingWorksWithoutIt() throws Exception {
    registry.close();
    RegistryServer.Access access = (user, password) -> (user + password).equals("me1234");
    registry = RegistryServer.start(loopback(), root, NOW, Optional.of(access));
    HttpResponse<String> refused = send("GET", "/v2/", new byte[0]);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "WWW-Authenticate")).startsWith("Basic ");
    // "me:1234" and "me:1235"
    assertThat(authorized("bWU6MTIzNA==")).isEqualTo(200);
    assertThat(authorized("bWU6MTIzNQ==")).isEqualTo(401);
    assertThat(authorized("!")).isEqualTo(401);
  }

  /** Podman, buildah and skopeo ask for TLS first, and would wait ten seconds for an answer. */
  @Test
  void aClientThatBeginsWithTlsIsHungUpOnAtOnce() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", registry.address().getPort())) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(new byte[] {0x16, 3, 1, 0, 5});
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void withoutAPasswordItServesThisMachineOnly() {
    InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
    assertThatThrownBy(() -> RegistryServer.start(everywhere, root, NOW, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loopback");
  }

  private int authorized(String credentials) throws Exception {
    HttpRequest request =
        request("GET", "/v2/", new byte[0]).header("Authorization", "Basic " + credentials).build();
    return client.send(request, BodyHandlers.ofString()).statusCode();
  }

  private String manifest(String repository) throws Exception {
    push(repository, BLOB, DIGEST);
    String descriptor = "{\"mediaType\":\"x/y\",\"size\":%d,\"digest\":\"%s\"}";
    String blob = descriptor.formatted(BLOB.length, DIGEST);
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
        .formatted(ManifestCheck.OCI_MANIFEST, blob, blob);
  }

  private HttpResponse<String> putManifest(String repository, String reference, String manifest)
      throws Exception {
    HttpRequest request =
        request(
                "PUT",
                "/v2/" + repository + "/manifests/" + reference,
                manifest.getBytes(StandardCharsets.UTF_8))
            .header("Content-Type", ManifestCheck.OCI_MANIFEST)
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private HttpResponse<String> push(String repository, byte[] content, String digest)
      throws Exception {
    return send("POST", "/v2/" + repository + "/blobs/uploads/?digest=" + digest, content);
  }

  private HttpResponse<String> send(String method, String path, byte[] body, String... range)
      throws Exception {
    HttpRequest.Builder request = request(method, path, body);
    for (String value : range) {
      request.header("Content-Range", value);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String method, String path, byte[] body) {
    InetSocketAddress address = registry.address();
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
        .method(method, BodyPublishers.ofByteArray(body));
  }

  private long filesBelow(String folder) throws IOException {
    Path path = root.resolve(folder);
    if (!Files.isDirectory(path)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private static byte[] part(int from, int to) {
    return java.util.Arrays.copyOfRange(BLOB, from, to);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElseThrow();
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }
}
