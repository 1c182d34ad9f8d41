package dev.buildman.agent.config;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Authorities that are read when the first certificate is checked. Some hundred of them are a third
 * of a second of each build, also of those that speak TLS to nobody. Safe for any thread.
 */
final class LateTrust extends X509ExtendedTrustManager {
  private final Authorities source;
  private @Nullable X509ExtendedTrustManager authorities;

  /** Reads them. */
  @FunctionalInterface
  interface Authorities {
    /** The certificates; null: the platform's own. */
    @Nullable KeyStore read() throws GeneralSecurityException, IOException;
  }

  private LateTrust(Authorities source) {
    this.source = source;
  }

  /** As the JDK's own, but for when it reads. */
  static SSLContext context(Authorities source) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new LateTrust(source)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  private synchronized X509ExtendedTrustManager authorities() throws CertificateException {
    X509ExtendedTrustManager known = authorities;
    if (known == null) {
      known = read();
      authorities = known;
    }
    return known;
  }

  private X509ExtendedTrustManager read() throws CertificateException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(source.read());
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509ExtendedTrustManager found) {
          return found;
        }
      }
      throw new CertificateException("this Java platform checks no certificates");
    } catch (GeneralSecurityException | IOException e) {
      throw new CertificateException("the authorities cannot be read: " + e, e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities().checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities().checkServerTrusted(chain, type, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities().checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    authorities().checkClientTrusted(chain, type, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    authorities().checkClientTrusted(chain, type, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    authorities().checkClientTrusted(chain, type);
  }

  /** Asked by servers only. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
