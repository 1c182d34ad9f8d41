package dev.buildman.agent.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How sources and registries are reached from here, by the variables that other programs heed too:
 * {@code HTTP_PROXY}, {@code HTTPS_PROXY}, {@code NO_PROXY}, {@code SSL_CERT_FILE}.
 *
 * @param proxies which proxy for which address
 * @param trust the authorities of {@code SSL_CERT_FILE}, else the platform's
 * @param bundle that file; null: there is none
 */
public record Network(ProxySelector proxies, SSLContext trust, @Nullable Path bundle) {

  /**
   * Reads the variables.
   *
   * @throws IOException when the certificates cannot be read, naming the file
   */
  public static Network of(Map<String, String> variables) throws IOException {
    String file = variables.getOrDefault("SSL_CERT_FILE", "");
    Path bundle = file.isEmpty() ? null : Path.of(file);
    return new Network(
        EnvironmentProxies.of(variables),
        bundle == null ? LateTrust.context(() -> null) : trust(bundle),
        bundle);
  }

  private static SSLContext trust(Path file) throws IOException {
    if (!Files.readString(file, ISO_8859_1).contains("-----BEGIN CERTIFICATE-----")) {
      throw new IOException("SSL_CERT_FILE is " + file + ": no certificates in PEM form");
    }
    return LateTrust.context(() -> store(file));
  }

  private static KeyStore store(Path file) throws GeneralSecurityException, IOException {
    try (InputStream pem = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca-" + number++, each);
      }
      return store;
    }
  }
}
