package dev.buildman.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthListenerIT {
  private final AtomicReference<Optional<String>> redis = new AtomicReference<>(Optional.empty());
  private final Health health = new Health();
  private final Metrics metrics = new Metrics();
  private final HealthListener listener =
      new HealthListener(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), health, metrics);
  private final HttpClient client = HttpClient.newHttpClient();

  HealthListenerIT() {
    health.check("redis", redis::get);
  }

  @AfterEach
  void stop() {
    client.close();
    listener.close();
  }

  @Test
  void readinessFollowsItsCausesAndLivenessDoesNot() throws Exception {
    assertThat(get("/readyz", "*/*").statusCode()).isEqualTo(200);

    redis.set(Optional.of("away for 3 s: start it or correct ORCHESTRATOR.REDIS_HOST"));
    HttpResponse<String> text = get("/readyz", "*/*");
    assertThat(text.statusCode()).isEqualTo(503);
    assertThat(text.body())
        .isEqualTo("redis: away for 3 s: start it or correct ORCHESTRATOR.REDIS_HOST\n");
    HttpResponse<String> json = get("/readyz", "application/json");
    assertThat(json.statusCode()).isEqualTo(503);
    assertThat(json.body())
        .isEqualTo(
            "{\"status\":\"not ready\",\"causes\":{\"redis\":\"away for 3 s: start it or correct"
                + " ORCHESTRATOR.REDIS_HOST\"}}\n");
    assertThat(get("/livez", "*/*").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsAreServedAsPrometheusReadsThem() throws Exception {
    metrics.enqueued();

    HttpResponse<String> answer = get("/metrics", "*/*");
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body()).contains("buildman_builds_enqueued_total 1.0");
  }

  @Test
  void onlyReadingIsAllowed() throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(uri("/readyz")).POST(HttpRequest.BodyPublishers.noBody()).build();

    assertThat(client.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    assertThat(get("/other", "*/*").statusCode()).isEqualTo(404);
  }

  @Test
  void aTakenAddressIsNamed() {
    var taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port());

    assertThatThrownBy(() -> new HealthListener(taken, health, metrics))
        .hasMessageContaining("METRICS_LISTEN")
        .hasMessageContaining(String.valueOf(listener.port()));
  }

  private HttpResponse<String> get(String path, String accept) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(path)).header("Accept", accept).build(),
        BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + listener.port() + path);
  }
}
