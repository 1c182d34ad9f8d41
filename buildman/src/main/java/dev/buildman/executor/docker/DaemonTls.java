package dev.buildman.executor.docker;

import dev.buildman.config.PemFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** The client's side of a daemon's TLS. */
final class DaemonTls {
  private static final char[] NO_PASSWORD = new char[0];

  private DaemonTls() {}

  /**
   * Reads the files.
   *
   * @throws IllegalArgumentException naming the one that is of no use
   */
  static SSLContext context(DaemonAccess.Tls tls) {
    try {
      KeyStore keys = empty();
      Certificate[] chain = PemFiles.certificates(tls.certificate()).toArray(new Certificate[0]);
      keys.setKeyEntry("client", PemFiles.key(tls.key()), NO_PASSWORD, chain);
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      own.init(keys, NO_PASSWORD);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(authorities(tls));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("DOCKER_TLS_*: " + e.getMessage(), e);
    }
  }

  /** Null: those that the machine trusts. */
  private static @Nullable KeyStore authorities(DaemonAccess.Tls tls)
      throws IOException, GeneralSecurityException {
    if (tls.authority().isEmpty()) {
      return null;
    }
    KeyStore store = empty();
    int number = 0;
    for (Certificate each : PemFiles.certificates(tls.authority().get())) {
      store.setCertificateEntry("ca-" + number++, each);
    }
    return store;
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
