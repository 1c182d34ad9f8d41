package dev.buildman;

import dev.buildman.config.PemFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A TLS server's context out of a certificate chain and a PKCS #8 key in PEM. */
final class PemContext {

  private PemContext() {}

  /**
   * Reads both files.
   *
   * @throws StartRefused naming the file that is of no use
   */
  static SSLContext of(Listeners.Tls tls) {
    try {
      Certificate[] chain = PemFiles.certificates(tls.certificate()).toArray(new Certificate[0]);
      KeyStore store = KeyStore.getInstance("PKCS12");
      char[] none = new char[0];
      store.load(null, none);
      store.setKeyEntry("server", PemFiles.key(tls.key()), none, chain);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, none);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new StartRefused(
          "TLS cannot be set up with " + tls.certificate() + ": " + e.getMessage());
    }
  }
}
