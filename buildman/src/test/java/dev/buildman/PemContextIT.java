package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PemContextIT {

  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void aClientThatTrustsTheCertificateIsServed(String algorithm) throws Exception {
    KeyStore store = generated(algorithm);
    SSLContext server = PemContext.of(pem(store));
    try (SSLServerSocket listener =
        (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0)) {
      CompletableFuture<Void> answered =
          CompletableFuture.runAsync(
              () -> {
                try (var socket = listener.accept()) {
                  socket.getOutputStream().write(42);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      try (SSLSocket client =
          (SSLSocket)
              trusting(store)
                  .getSocketFactory()
                  .createSocket("localhost", listener.getLocalPort())) {
        assertThat(client.getInputStream().read()).isEqualTo(42);
      }
      answered.join();
    }
  }

  @Test
  void aKeyInAnotherFormIsRefusedWithWhatToDo() throws Exception {
    Listeners.Tls tls = pem(generated("EC"));
    Files.writeString(tls.key(), "-----BEGIN RSA PRIVATE KEY-----\n");
    assertThatThrownBy(() -> PemContext.of(tls))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining(tls.key().toString())
        .hasMessageContaining("openssl pkcs8");
  }

  private KeyStore generated(String algorithm) throws Exception {
    Path file = folder.resolve(algorithm + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private Listeners.Tls pem(KeyStore store) throws Exception {
    X509Certificate certificate = (X509Certificate) store.getCertificate("server");
    return new Listeners.Tls(
        write("cert.pem", "CERTIFICATE", certificate.getEncoded()),
        write("key.pem", "PRIVATE KEY", store.getKey("server", PASSWORD).getEncoded()));
  }

  private Path write(String name, String label, byte[] content) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, text, label));
  }

  private static SSLContext trusting(KeyStore store) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", store.getCertificate("server"));
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
