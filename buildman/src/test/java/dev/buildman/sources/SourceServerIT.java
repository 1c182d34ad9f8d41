package dev.buildman.sources;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceServerIT {

  private static final byte[] DOCKERFILE = "FROM scratch\n".getBytes(UTF_8);

  @TempDir Path directory;
  private SourceStore store;
  private SourceServer server;
  private SourceUrls urls;
  private volatile boolean live = true;
  private volatile boolean redisAway;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws IOException {
    InstantSource clock = InstantSource.system();
    store = SourceStore.open(directory, 1_000_000, clock);
    List<byte[]> keys = List.of("secret".getBytes(UTF_8));
    SourceUrls checking = new SourceUrls(URI.create("http://unused"), keys, clock);
    SourceHandler handler = new SourceHandler(store, checking, this::isLive);
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = SourceServer.start(anyPort, Optional.empty(), handler);
    urls = new SourceUrls(URI.create("http://127.0.0.1:" + server.port()), keys, clock);
  }

  @AfterEach
  void stop() {
    server.close();
    http.close();
  }

  @Test
  void serves_a_dockerfile_with_exactly_the_type_that_quays_worker_knows() throws Exception {
    StoredSource source = store.putDockerfile(DOCKERFILE);
    HttpResponse<byte[]> answer = get(sign(source.digest()));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(DOCKERFILE);
    assertThat(answer.headers().allValues("Content-Type")).containsExactly("text/plain");
    assertThat(answer.headers().map()).doesNotContainKey("Content-Encoding");
  }

  @Test
  void refuses_what_is_not_signed_or_has_expired() throws Exception {
    StoredSource source = store.putDockerfile(DOCKERFILE);
    URI signed = sign(source.digest());
    assertThat(get(URI.create(signed + "x")).statusCode()).isEqualTo(403);
    URI bare = URI.create(signed.toString().replaceAll("\\?.*", ""));
    assertThat(get(bare).statusCode()).isEqualTo(403);
    Instant past = Instant.now().minusSeconds(1);
    URI expired = urls.sign(new SourceUrls.Grant(source.digest(), "b", 1, past));
    assertThat(get(expired).statusCode()).isEqualTo(403);
  }

  @Test
  void refuses_once_the_job_has_ended() throws Exception {
    StoredSource source = store.putDockerfile(DOCKERFILE);
    live = false;
    assertThat(get(sign(source.digest())).statusCode()).isEqualTo(403);
  }

  @Test
  void asks_to_come_back_while_redis_is_away() throws Exception {
    StoredSource source = store.putDockerfile(DOCKERFILE);
    redisAway = true;
    assertThat(get(sign(source.digest())).statusCode()).isEqualTo(503);
  }

  @Test
  void never_answers_an_error_that_quays_worker_would_take_for_a_dockerfile() throws Exception {
    HttpResponse<byte[]> answer = get(sign(SourceDigest.of("gone".getBytes(UTF_8))));
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .doesNotStartWith("text/plain");
  }

  @Test
  void answers_head_with_the_size() throws Exception {
    URI url = sign(store.putDockerfile(DOCKERFILE).digest());
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(url).HEAD().build(), HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(DOCKERFILE.length);
  }

  private boolean isLive(String buildId, int attempt) {
    if (redisAway) {
      throw new IllegalStateException("redis is away");
    }
    return live && buildId.equals("build-1") && attempt == 1;
  }

  private URI sign(SourceDigest digest) {
    return urls.sign(new SourceUrls.Grant(digest, "build-1", 1, Instant.now().plusSeconds(60)));
  }

  private HttpResponse<byte[]> get(URI url) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
  }
}
