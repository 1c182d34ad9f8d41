package dev.buildman.agent.registry;

import static dev.buildman.agent.testing.ScriptedServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.agent.testing.ScriptedServer.Asked;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirrorsIT {
  private static final byte[] BLOB = "the blob".getBytes(StandardCharsets.UTF_8);
  private static final Descriptor DESCRIPTOR =
      new Descriptor(MediaTypes.OCI_LAYER, Digest.of(BLOB), BLOB.length);

  @TempDir Path dir;

  private static ScriptedServer serving(int status) throws IOException {
    return ScriptedServer.start(
        exchange -> {
          boolean probe = exchange.getRequestURI().getPath().equals("/v2/");
          reply(exchange, probe ? 200 : status, BLOB);
        });
  }

  private static RegistryClient client(ScriptedServer registry, String... mirrors) {
    return new RegistryClient(
        RegistrySettings.defaults()
            .withMirrors(Mirrors.of(Map.of(registry.host(), List.of(mirrors)))),
        CredentialStore.none(),
        span -> {});
  }

  private static List<String> paths(ScriptedServer server) {
    return server.asked().stream().map(Asked::uri).filter(uri -> !uri.equals("/v2/")).toList();
  }

  @Test
  void aMirrorIsAskedFirstUnderItsOwnPath() throws Exception {
    try (ScriptedServer registry = serving(200);
        ScriptedServer mirror = serving(200);
        RegistryClient client = client(registry, "http://" + mirror.host() + "/proxy/hub/")) {
      Repository from = new Repository(registry.host(), "library/busybox");
      client.pullBlob(from, DESCRIPTOR, dir.resolve("b"), TransferProgress.NONE);
      assertThat(Files.readAllBytes(dir.resolve("b"))).isEqualTo(BLOB);
      assertThat(paths(mirror))
          .containsExactly("/v2/proxy/hub/library/busybox/blobs/" + DESCRIPTOR.digest());
      assertThat(registry.asked()).isEmpty();
    }
  }

  @Test
  void whatAMirrorDoesNotHaveComesFromTheRegistry() throws Exception {
    try (ScriptedServer registry = serving(200);
        ScriptedServer empty = serving(404);
        ScriptedServer busy = serving(503);
        RegistryClient client = client(registry, "127.0.0.1:1", empty.host(), busy.host())) {
      Repository from = new Repository(registry.host(), "a/b");
      assertThat(client.readBlob(from, DESCRIPTOR, 100)).isEqualTo(BLOB);
      try (InputStream in = client.content(from, DESCRIPTOR).open()) {
        assertThat(in.readAllBytes()).isEqualTo(BLOB);
      }
      assertThat(paths(empty)).hasSize(2);
      assertThat(paths(busy)).hasSize(2);
      assertThat(paths(registry)).hasSize(2);
      // What was pushed is looked for where it was pushed.
      assertThat(client.hasBlob(from, DESCRIPTOR.digest())).isTrue();
      assertThat(paths(empty)).hasSize(2);
    }
  }

  @Test
  void aPlaceThatIsNoneIsNamed() {
    assertThatThrownBy(() -> Mirrors.of(Map.of("docker.io", List.of("mirror/UPPER"))))
        .hasMessageContaining("UPPER");
    assertThat(Mirrors.of(Map.of("index.docker.io", List.of("m.example/x/"))).byRegistry())
        .isEqualTo(Map.of("docker.io", List.of("m.example/x")));
  }
}
