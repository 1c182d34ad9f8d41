package dev.buildman.agent.registry;

import static dev.buildman.agent.testing.ScriptedServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.agent.testing.ScriptedServer.Asked;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry that misbehaves, or wants a token, gets from the client. */
class RegistryFaultsIT {
  private static final byte[] BLOB = "the blob".getBytes(StandardCharsets.UTF_8);
  private static final Descriptor DESCRIPTOR =
      new Descriptor(MediaTypes.OCI_LAYER, Digest.of(BLOB), BLOB.length);

  @TempDir Path dir;

  private final List<Duration> pauses = new ArrayList<>();

  private RegistryClient client(CredentialStore store) {
    return new RegistryClient(RegistrySettings.defaults(), store, pauses::add);
  }

  private RegistryClient client() {
    return client(CredentialStore.none());
  }

  private static boolean isProbe(HttpExchange exchange) throws IOException {
    boolean probe = exchange.getRequestURI().getPath().equals("/v2/");
    if (probe) {
      reply(exchange, 200, "{}");
    }
    return probe;
  }

  @Test
  void aBearerTokenIsFetchedForTheScopeWithQuaysTokenUserAndUsedAgain() throws Exception {
    ScriptedServer.Script tokens =
        exchange -> reply(exchange, 200, "{\"token\":\"T0KEN\",\"expires_in\":300}");
    try (ScriptedServer realm = ScriptedServer.start(tokens);
        ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  String given = exchange.getRequestHeaders().getFirst("Authorization");
                  if (!isProbe(exchange) && !"Bearer T0KEN".equals(given)) {
                    exchange
                        .getResponseHeaders()
                        .add(
                            "WWW-Authenticate",
                            "Bearer realm=\"" + realm.url("/auth?x=1") + "\",service=\"svc\"");
                    reply(exchange, 401, "");
                  } else {
                    reply(exchange, 200, BLOB);
                  }
                });
        RegistryClient client =
            client(
                CredentialStore.of(Map.of(server.host(), Credentials.quayToken("push-secret"))))) {
      Repository from = new Repository(server.host(), "a/b");
      client.pullBlob(from, DESCRIPTOR, dir.resolve("1"), TransferProgress.NONE);
      client.pullBlob(from, DESCRIPTOR, dir.resolve("2"), TransferProgress.NONE);

      assertThat(Files.readAllBytes(dir.resolve("2"))).isEqualTo(BLOB);
      assertThat(realm.asked())
          .containsExactly(
              new Asked(
                  "GET",
                  "/auth?x=1&service=svc&scope=repository%3Aa%2Fb%3Apull&account=%24token",
                  Credentials.quayToken("push-secret").basicHeader()));
      assertThat(server.asked().stream().filter(a -> a.uri().contains("/blobs/")))
          .extracting(Asked::authorization)
          .containsExactly(null, "Bearer T0KEN", "Bearer T0KEN");
    }
  }

  @Test
  void aRedirectIsFollowedWithoutTheAuthorization() throws Exception {
    try (ScriptedServer storage = ScriptedServer.start(exchange -> reply(exchange, 200, BLOB));
        ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (isProbe(exchange)) {
                    return;
                  }
                  if (exchange.getRequestHeaders().getFirst("Authorization") == null) {
                    exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"r\"");
                    reply(exchange, 401, "");
                    return;
                  }
                  exchange.getResponseHeaders().add("Location", storage.url("/signed?key=1"));
                  reply(exchange, 307, "");
                })) {
      CredentialStore store = CredentialStore.of(Map.of(server.host(), new Credentials("u", "p")));
      try (RegistryClient client = client(store)) {
        client.pullBlob(
            new Repository(server.host(), "a/b"),
            DESCRIPTOR,
            dir.resolve("b"),
            TransferProgress.NONE);
      }
      assertThat(storage.asked()).containsExactly(new Asked("GET", "/signed?key=1", null));
    }
  }

  @Test
  void redirectsEndAndNeverLeaveHttp() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    String path = exchange.getRequestURI().getPath();
                    String target = path.contains("a/file") ? "file:///etc/passwd" : path;
                    exchange.getResponseHeaders().add("Location", target);
                    reply(exchange, 302, "");
                  }
                });
        RegistryClient client = client()) {
      assertThatThrownBy(
              () -> client.hasBlob(new Repository(server.host(), "a/loop"), DESCRIPTOR.digest()))
          .hasMessageContaining("redirects more than 5 times");
      assertThatThrownBy(
              () -> client.hasBlob(new Repository(server.host(), "a/file"), DESCRIPTOR.digest()))
          .hasMessageContaining("redirects to file:");
    }
  }

  @Test
  void wrongContentIsNeverKept() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    String path = exchange.getRequestURI().getPath();
                    reply(
                        exchange,
                        200,
                        path.contains("a/other") ? "thE blob" : "the blob and more of it");
                  }
                });
        RegistryClient client = client()) {
      for (String repository : List.of("a/other", "a/longer")) {
        assertThatThrownBy(
                () ->
                    client.pullBlob(
                        new Repository(server.host(), repository),
                        DESCRIPTOR,
                        dir.resolve("blob"),
                        TransferProgress.NONE))
            .isInstanceOfSatisfying(
                RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DIGEST_MISMATCH));
      }
      assertThat(dir).isEmptyDirectory();
      assertThatThrownBy(() -> client.readBlob(new Repository(server.host(), "a/b"), DESCRIPTOR, 7))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
    }
  }

  @Test
  void transientAnswersAreRepeatedAsTheRegistryAsksAndNotForEver() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (isProbe(exchange)) {
                    return;
                  }
                  switch (asked.incrementAndGet()) {
                    case 1 -> {
                      exchange.getResponseHeaders().add("Retry-After", "7");
                      reply(exchange, 429, "slow down");
                    }
                    case 2 -> reply(exchange, 503, "");
                    case 3 -> reply(exchange, 200, BLOB);
                    default -> reply(exchange, 502, "<html>bad gateway</html>");
                  }
                });
        RegistryClient client = client()) {
      Repository from = new Repository(server.host(), "a/b");
      assertThat(client.readBlob(from, DESCRIPTOR, 100)).isEqualTo(BLOB);
      assertThat(pauses.getFirst()).isEqualTo(Duration.ofSeconds(7));
      assertThat(pauses.get(1)).isBetween(Duration.ofMillis(800), Duration.ofMillis(1200));

      assertThatThrownBy(() -> client.readBlob(from, DESCRIPTOR, 100))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SERVER))
          .hasMessageContaining("502")
          .hasMessageContaining("HTML page");
      assertThat(asked).hasValue(3 + 6);
    }
  }

  @Test
  void anInterruptionEndsAStuckTransferWithinASecondAndLeavesNoFile() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    exchange.sendResponseHeaders(200, BLOB.length);
                    exchange.getResponseBody().write(BLOB, 0, 3);
                    exchange.getResponseBody().flush();
                    begun.countDown();
                    release.await();
                  }
                });
        RegistryClient client = client()) {
      FutureTask<Void> pull =
          new FutureTask<>(
              () -> {
                client.pullBlob(
                    new Repository(server.host(), "a/b"),
                    DESCRIPTOR,
                    dir.resolve("blob"),
                    TransferProgress.NONE);
                return null;
              });
      Thread thread = Thread.ofVirtual().start(pull);
      begun.await();
      await().until(() -> Files.exists(dir.resolve("blob.part")));

      Ticker ticker = Ticker.system();
      long start = ticker.nanos();
      thread.interrupt();
      assertThatThrownBy(pull::get).hasCauseInstanceOf(InterruptedException.class);
      thread.join();

      // A second is the promise, the others are for a machine that is busy with other tests.
      assertThat(ticker.since(start)).isLessThan(Duration.ofSeconds(5));
      assertThat(dir).isEmptyDirectory();
    } finally {
      release.countDown();
    }
  }

  @Test
  void aTransferThatStandsStillIsGivenUp() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    RegistrySettings settings =
        RegistrySettings.defaults().withIdleTimeout(Duration.ofSeconds(1)).withTries(1);
    try (ScriptedServer server =
            ScriptedServer.start(
                exchange -> {
                  if (!isProbe(exchange)) {
                    release.await();
                  }
                });
        RegistryClient client = new RegistryClient(settings, CredentialStore.none(), pauses::add)) {
      assertThatThrownBy(
              () -> client.hasBlob(new Repository(server.host(), "a/b"), DESCRIPTOR.digest()))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TIMEOUT))
          .hasMessageContaining("nothing moved for 1 s");
    } finally {
      release.countDown();
    }
  }

  @Test
  void plainHttpIsNotSpokenToARegistryThatIsNotNamedInsecure() throws Exception {
    try (RegistryClient client = client()) {
      Repository refused = new Repository("registry.invalid", "a/b");
      assertThatThrownBy(() -> client.hasBlob(refused, DESCRIPTOR.digest()))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
    }
    assertThat(RegistrySettings.defaults().isInsecure("quay.io")).isFalse();
    assertThat(RegistrySettings.defaults().isInsecure("localhost:5000")).isTrue();
    assertThat(RegistrySettings.defaults().isInsecure("127.0.0.1.evil.example")).isFalse();
  }
}
