package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Tags at a registry that fails: no request goes out without a permit of its own. */
class TagPushIT {

  private static final PushPermit ALWAYS = () -> {};

  private final AtomicInteger puts = new AtomicInteger();
  private final RecordingLog log = new RecordingLog();

  private static Manifest manifest() throws RegistryException {
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"x\",\"size\":1,\"digest\":\"%s\"},\"layers\":[]}"
            .formatted(MediaTypes.OCI_MANIFEST, Digest.of(new byte[1]));
    return Manifest.parse(MediaTypes.OCI_MANIFEST, json.getBytes(StandardCharsets.UTF_8));
  }

  /** Fails so many puts, then takes one; serves this digest. */
  private ScriptedServer registry(int failures, Digest served) throws IOException {
    return ScriptedServer.start(
        exchange -> {
          if (exchange.getRequestMethod().equals("PUT")) {
            exchange.getRequestBody().readAllBytes();
            ScriptedServer.reply(exchange, puts.incrementAndGet() <= failures ? 503 : 201, "");
          } else {
            head(exchange, served);
          }
        });
  }

  private static void head(HttpExchange exchange, Digest served) throws IOException {
    exchange.getResponseHeaders().add("Docker-Content-Digest", served.toString());
    exchange.sendResponseHeaders(200, -1);
  }

  private void put(ScriptedServer server, PushPermit permit) throws Exception {
    RegistrySettings once = RegistrySettings.defaults().withTries(1);
    try (RegistryClient client = new RegistryClient(once, CredentialStore.none(), span -> {})) {
      new TagPush(client, 3, span -> {}, permit, log)
          .put(ImageReference.parse(server.host() + "/a/b:v1"), manifest());
    }
  }

  @Test
  void aRegistryThatIsBusyIsAskedAgain() throws Exception {
    try (ScriptedServer server = registry(2, manifest().digest())) {
      put(server, ALWAYS);
    }
    assertThat(puts).hasValue(3);
    assertThat(log.text()).contains("v1: digest: " + manifest().digest());
  }

  @Test
  void nothingIsRepeatedOnceThePermitIsGone() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    PushPermit once =
        () -> {
          if (asked.getAndIncrement() > 0) {
            throw EngineFailure.of(FailureCode.CLIENT_REJECTED_TRANSITION, "the lease is lost");
          }
        };
    try (ScriptedServer server = registry(9, manifest().digest())) {
      assertThatThrownBy(() -> put(server, once))
          .isInstanceOfSatisfying(
              EngineFailure.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.CLIENT_REJECTED_TRANSITION));
    }
    assertThat(puts).hasValue(1);
  }

  @Test
  void aRegistryThatStaysBusyIsAPushIssue() throws Exception {
    try (ScriptedServer server = registry(9, manifest().digest())) {
      assertThatThrownBy(() -> put(server, ALWAYS))
          .isInstanceOfSatisfying(
              EngineFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.PUSH_ISSUE));
    }
    assertThat(puts).hasValue(3);
  }

  @Test
  void aRegistryThatServesSomethingElseIsNoticed() throws Exception {
    Digest other = Digest.of(new byte[2]);
    try (ScriptedServer server = registry(0, other)) {
      assertThatThrownBy(() -> put(server, ALWAYS))
          .hasMessageContaining("the registry now serves " + other);
    }
  }
}
