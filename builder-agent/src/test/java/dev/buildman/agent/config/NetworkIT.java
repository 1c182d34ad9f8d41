package dev.buildman.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.buildman.agent.testing.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Whom the agent trusts, and when it reads of it. */
@Isolated("it changes what the JVM's own authorities are")
final class NetworkIT {
  private static final String STORE = "javax.net.ssl.trustStore";
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;
  private SSLContext tls;
  private HttpsServer server;

  @BeforeEach
  void serve() throws Exception {
    TestCertificate.in(folder);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("store.p12"))) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, PASSWORD);
    tls = SSLContext.getInstance("TLS");
    tls.init(factory.getKeyManagers(), null, null);
    listen("127.0.0.1");
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("manager", keys.getCertificate("manager"));
    try (OutputStream out = Files.newOutputStream(folder.resolve("trusted.p12"))) {
      trusted.store(out, PASSWORD);
    }
  }

  private void listen(String address) throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName(address), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.createContext(
        "/",
        call -> {
          call.sendResponseHeaders(204, -1);
          call.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    System.clearProperty(STORE);
    System.clearProperty(STORE + "Password");
    server.stop(0);
  }

  private int ask(Network network, String host) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(network.trust()).build()) {
      URI uri = URI.create("https://" + host + ":" + server.getAddress().getPort() + "/");
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  private void trust() {
    System.setProperty(STORE, folder.resolve("trusted.p12").toString());
    System.setProperty(STORE + "Password", new String(PASSWORD));
  }

  /** Reading them takes a good part of the time that an agent starts in. */
  @Test
  void thePlatformsAuthoritiesAreReadWhenTheFirstCertificateIsChecked() throws Exception {
    Network network = Network.of(Map.of());
    trust();

    assertThat(ask(network, "127.0.0.1")).isEqualTo(204);
  }

  @Test
  void aFileOfAuthoritiesTakesTheirPlaceAndIsLookedAtAtOnce() throws Exception {
    Network own = Network.of(Map.of("SSL_CERT_FILE", folder.resolve("cert.pem").toString()));
    assertThat(ask(own, "127.0.0.1")).isEqualTo(204);

    assertThatThrownBy(
            () -> Network.of(Map.of("SSL_CERT_FILE", folder.resolve("key.pem").toString())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("key.pem: no certificates in PEM form");
  }

  @Test
  void whomThePlatformDoesNotTrustIsNotSpokenTo() throws Exception {
    assertThatThrownBy(() -> ask(Network.of(Map.of()), "127.0.0.1"))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void theAddressInTheCertificateIsChecked() throws Exception {
    trust();
    server.stop(0);
    // Loopback too, and none of the certificate's.
    listen("127.0.0.2");

    assertThatThrownBy(() -> ask(Network.of(Map.of()), "127.0.0.2"))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("127.0.0.2");
  }
}
