package dev.buildman.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.testing.redis.RedisProcess;
import dev.buildman.testing.tools.RequiresTool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with client certificates, and a user of one's own: against a server that has both. */
@RequiresTool(value = "redis-server", debianPackage = "redis-server")
@RequiresTool(value = "openssl", debianPackage = "openssl")
class SecureRedisIT {
  private static final Script ECHO = Script.load(SecureRedisIT.class, "echo.lua");
  private static final List<String> KEY = List.of("{secure}echo");

  @TempDir private Path folder;

  /** A self-signed certificate for 127.0.0.1; it is its own authority. */
  private void certificate(String name) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                folder.resolve(name + ".key").toString(),
                "-out",
                folder.resolve(name + ".crt").toString())
            .redirectErrorStream(true)
            .start();
    process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).isZero();
  }

  private RedisSettings settings(int port, Optional<RedisSettings.Tls> tls, String password) {
    RedisSettings plain = RedisSettings.standalone("127.0.0.1", port);
    return new RedisSettings(
        plain.topology(), new RedisSettings.Login("builder", password), tls, 0, plain.behaviour());
  }

  private Optional<RedisSettings.Tls> tls(String authority) {
    return Optional.of(
        new RedisSettings.Tls(
            Optional.of(folder.resolve(authority + ".crt")),
            Optional.of(
                new RedisSettings.Identity(
                    folder.resolve("client.crt"), folder.resolve("client.key")))));
  }

  private static String echo(RedisSettings settings) {
    try (RedisConnections connections = RedisConnections.open(settings, InstantSource.system())) {
      return connections.scripts("test").run(ECHO, KEY, new Arguments().add("hello")).text("text");
    }
  }

  @Test
  void aServerWithTlsAndUsersIsReachedAndStrangersAreNot() throws Exception {
    certificate("server");
    certificate("client");
    certificate("stranger");
    int port = RedisProcess.anyPort();
    Map<String, String> options =
        Map.of(
            "tls-port", Integer.toString(port),
            "tls-cert-file", folder.resolve("server.crt").toString(),
            "tls-key-file", folder.resolve("server.key").toString(),
            "tls-ca-cert-file", folder.resolve("client.crt").toString());
    try (RedisProcess server = RedisProcess.start(Path.of("redis-server"), options)) {
      assertThat(server.asks("ACL SETUSER builder on >sesame ~* &* +@all")).contains("OK");
      assertThat(echo(settings(port, tls("server"), "sesame"))).isEqualTo("hello");

      assertThatThrownBy(() -> echo(settings(port, tls("server"), "guessed")))
          .isInstanceOf(RedisUnavailable.class)
          .hasMessageNotContaining("guessed");
      // A server whose certificate nobody vouches for.
      assertThatThrownBy(() -> echo(settings(port, tls("stranger"), "sesame")))
          .isInstanceOf(RedisUnavailable.class);
      assertThatThrownBy(() -> echo(settings(port, Optional.empty(), "sesame")))
          .isInstanceOf(RedisUnavailable.class);
    }
  }
}
