package dev.buildman.agent.source;

import static dev.buildman.agent.source.SourceFixture.packed;
import static dev.buildman.agent.source.SourceFixture.request;
import static dev.buildman.agent.testing.ScriptedServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.source.SourceLocation.Packed;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that cuts, stalls, lies and changes its mind. */
class DownloadIT {
  private static final int CUT = 300_000;

  @TempDir Path dir;
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private SourceFixture sources;
  private byte[] file = new byte[0];

  @BeforeEach
  void fixture() throws Exception {
    sources = new SourceFixture(dir);
    StringBuilder noise = new StringBuilder();
    new Random(1).ints(1_000_000, 32, 127).forEach(c -> noise.append((char) c));
    file = Archives.tar().file("Dockerfile", "FROM a").file("noise", noise.toString()).plain();
  }

  private @Nullable String range(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String condition = exchange.getRequestHeaders().getFirst("If-Range");
    ranges.add(range + " if " + condition);
    return range;
  }

  /** Promises all from here on, and hangs up after a while. */
  private void cut(HttpExchange exchange, int status, int from, int upTo) throws IOException {
    exchange.sendResponseHeaders(status, file.length - from);
    exchange.getResponseBody().write(file, from, upTo - from);
    exchange.getResponseBody().flush();
    throw new IOException("cut");
  }

  private void rest(HttpExchange exchange, int from) throws IOException {
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(from, file.length - 1, file.length));
    exchange.sendResponseHeaders(206, file.length - from);
    exchange.getResponseBody().write(file, from, file.length - from);
  }

  private FetchedSource fetchChecked(String url) throws Exception {
    return sources.fetch(request(new Packed(url, Digest.of(file).toString()), "", ""));
  }

  private static int first(String range) {
    return Integer.parseInt(range.replaceAll("[^0-9]", ""));
  }

  @Test
  void aBrokenDownloadGoesOnFromWhereItWas() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              String range = range(exchange);
              exchange.getResponseHeaders().add("ETag", "\"one\"");
              if (range == null) {
                cut(exchange, 200, 0, CUT);
              } else {
                rest(exchange, first(range));
              }
            })) {
      assertThat(fetchChecked(server.url("/p.tar")).dockerfile()).hasContent("FROM a");
    }
    assertThat(ranges).hasSize(2);
    assertThat(ranges.getFirst()).isEqualTo("null if null");
    assertThat(ranges.getLast()).matches("bytes=[1-9][0-9]*- if \"one\"");
    assertThat(sources.lines()).anyMatch(line -> line.startsWith("The download broke"));
  }

  @Test
  void aFileThatChangedMeanwhileIsTakenWhole() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              boolean begin = range(exchange) == null;
              exchange.getResponseHeaders().add("ETag", begin ? "\"old\"" : "\"new\"");
              if (begin) {
                cut(exchange, 200, 0, CUT);
              } else {
                reply(exchange, 200, file);
              }
            })) {
      assertThat(fetchChecked(server.url("/p.tar")).dockerfile()).exists();
    }
    assertThat(ranges).hasSize(2);
  }

  /** A weak tag, or none: the next answer may be of another file, so nothing is put together. */
  @ParameterizedTest
  @ValueSource(strings = {"", "W/\"weak\""})
  void withoutASureSignOfTheSameFileItBeginsAnew(String tag) throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              range(exchange);
              if (!tag.isEmpty()) {
                exchange.getResponseHeaders().add("ETag", tag);
              }
              if (ranges.size() == 1) {
                cut(exchange, 200, 0, CUT);
              } else {
                reply(exchange, 200, file);
              }
            })) {
      assertThat(fetchChecked(server.url("/p.tar")).dockerfile()).exists();
    }
    assertThat(ranges).containsExactly("null if null", "null if null");
  }

  @ParameterizedTest
  @ValueSource(ints = {206, 416})
  void anAnswerWithAnotherRangeOrNoneBeginsAnew(int status) throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              String range = range(exchange);
              exchange.getResponseHeaders().add("ETag", "\"one\"");
              if (ranges.size() == 1) {
                cut(exchange, 200, 0, CUT);
              } else if (range == null) {
                reply(exchange, 200, file);
              } else if (status == 206) {
                rest(exchange, first(range) - 1);
              } else {
                reply(exchange, 416, "");
              }
            })) {
      assertThat(fetchChecked(server.url("/p.tar")).dockerfile()).exists();
    }
    assertThat(ranges).hasSize(3);
    assertThat(ranges.getLast()).startsWith("null");
  }

  @Test
  void aServerThatHangsUpButGetsOnIsNotGivenUp() throws Exception {
    int step = file.length / 6;
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              String range = range(exchange);
              int from = range == null ? 0 : first(range);
              exchange.getResponseHeaders().add("ETag", "\"one\"");
              if (from + step < file.length) {
                exchange
                    .getResponseHeaders()
                    .add("Content-Range", "bytes %d-%d/*".formatted(from, file.length - 1));
                cut(exchange, range == null ? 200 : 206, from, from + step);
              } else {
                rest(exchange, from);
              }
            })) {
      assertThat(fetchChecked(server.url("/p.tar")).dockerfile()).exists();
    }
    assertThat(ranges).hasSizeGreaterThan(4);
  }

  @Test
  void aServerThatOnlyHangsUpIsGivenUp() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              throw new IOException("cut");
            })) {
      assertThatThrownBy(() -> sources.fetch(packed(server.url("/p"))))
          .isInstanceOfSatisfying(
              SourceFailure.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.BUILD_PACK_ISSUE));
    }
  }

  @Test
  void aStalledDownloadIsGivenUpAfterItsIdleTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              exchange.sendResponseHeaders(200, file.length);
              exchange.getResponseBody().write(file, 0, 100);
              exchange.getResponseBody().flush();
              over.await();
            })) {
      SourceLimits impatient =
          new SourceLimits(
              8 << 20, 8 << 20, 100, 300, Duration.ofSeconds(60), Duration.ofMillis(250));
      assertThatThrownBy(() -> sources.fetch(packed(server.url("/p")), impatient))
          .hasMessageContaining("nothing came for");
    } finally {
      over.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 410})
  void anExpiredSignedAddressIsNamedWithItsStatus(int status) throws Exception {
    try (ScriptedServer server = ScriptedServer.start(exchange -> reply(exchange, status, "old"))) {
      assertThatThrownBy(() -> sources.fetch(packed(server.url("/p?X-Signature=s3cret"))))
          .isInstanceOfSatisfying(
              SourceFailure.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.BUILD_PACK_ISSUE))
          .hasMessageContaining("answered " + status)
          .hasMessageContaining("may have expired")
          .hasMessageNotContaining("s3cret");
      assertThat(server.asked()).hasSize(1);
    }
  }

  @Test
  void noMoreThanTheLimitIsEverWritten() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              while (true) {
                exchange.getResponseBody().write(file);
              }
            })) {
      assertThatThrownBy(() -> sources.fetch(packed(server.url("/p")), SourceFixture.small()))
          .hasMessageContaining("larger than 1 MiB");
    }
  }

  @Test
  void aLoginInTheAddressIsSentToThatServerAlone() throws Exception {
    try (ScriptedServer other = ScriptedServer.start(exchange -> reply(exchange, 200, file));
        ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  exchange.getResponseHeaders().add("Location", other.url("/moved"));
                  reply(exchange, 302, "");
                })) {
      String url = server.url("/p").replace("http://", "http://me:s3cret@");
      assertThat(sources.fetch(packed(url)).dockerfile()).exists();
      assertThat(server.asked().getFirst().authorization()).isEqualTo("Basic bWU6czNjcmV0");
      assertThat(other.asked().getFirst().authorization()).isNull();
    }
  }
}
