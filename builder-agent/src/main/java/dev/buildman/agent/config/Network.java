package dev.buildman.agent.config;

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
import javax.net.ssl.TrustManagerFactory;
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
        bundle == null ? PlatformTrust.context() : trust(bundle),
        bundle);
  }

  private static SSLContext trust(Path file) throws IOException {
    try (InputStream pem = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca-" + number++, each);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("SSL_CERT_FILE is " + file + ": no certificates in PEM form", e);
    }
  }
}
