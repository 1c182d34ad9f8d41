package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Sleeper;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry whose certificate nobody signed, made for another name than it is asked by. */
class RegistryTlsIT {
  private static final byte[] BLOB = "the blob".getBytes(StandardCharsets.UTF_8);
  private static final Descriptor DESCRIPTOR =
      new Descriptor(MediaTypes.OCI_LAYER, Digest.of(BLOB), BLOB.length);
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path dir;
  private final KeyStore keys;
  private final HttpsServer server;

  RegistryTlsIT() throws Exception {
    keys = KeyStore.getInstance("PKCS12");
    server = HttpsServer.create();
  }

  @BeforeEach
  void start() throws Exception {
    Path store = dir.resolve("keys.p12");
    Process made =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "EC",
                "-dname",
                "CN=elsewhere.example",
                "-storepass",
                "changeit",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(made.waitFor()).isZero();
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, BLOB.length);
          exchange.getResponseBody().write(BLOB);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  @Test
  void anInsecureRegistryIsSpokenToOverTlsWithAnyCertificate() throws Exception {
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      assertThat(client.readBlob(new Repository(host(), "a/b"), DESCRIPTOR, 100)).isEqualTo(BLOB);
    }
  }

  @Test
  void otherwiseTheCertificateAndItsNameAreChecked() throws Exception {
    TrustManagerFactory known =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    known.init(keys);
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, known.getTrustManagers(), null);
    RegistrySettings platform = RegistrySettings.defaults();
    RegistrySettings signer =
        platform.withTransport(new RegistrySettings.Transport(trusting, null));
    for (RegistrySettings settings : List.of(platform, signer)) {
      try (Http http = new Http(settings, settings.transport().tls())) {
        Request request =
            new Request(
                "GET",
                URI.create("https://" + host() + "/v2/"),
                "testing",
                Map.of(),
                null,
                null,
                Meter.silent());
        assertThatThrownBy(() -> http.send(request))
            .isInstanceOfSatisfying(
                RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TLS))
            .hasMessageContaining("insecure registries");
      }
    }
  }
}
