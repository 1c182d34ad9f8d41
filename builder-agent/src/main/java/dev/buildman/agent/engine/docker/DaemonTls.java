package dev.buildman.agent.engine.docker;

import dev.buildman.agent.registry.UncheckedTls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** The client's side of a daemon's TLS, from the three files that Docker's programs use. */
final class DaemonTls {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----([^-]+)-----END");
  private static final char[] NO_PASSWORD = new char[0];

  /** Version 0 and the algorithm rsaEncryption: what PKCS #8 says before a PKCS #1 key. */
  private static final byte[] RSA_PREFIX = {
    0x02,
    0x01,
    0x00,
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private DaemonTls() {}

  /**
   * Reads {@code ca.pem}, {@code cert.pem} and {@code key.pem}.
   *
   * @param verify false takes any certificate of the daemon
   * @throws IOException naming the file that is missing or not what it should be
   */
  static SSLContext context(Path folder, boolean verify) throws IOException {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(null, null);
      Certificate[] chain = certificates(folder.resolve("cert.pem")).toArray(new Certificate[0]);
      keys.setKeyEntry("client", key(folder.resolve("key.pem")), NO_PASSWORD, chain);
      KeyManagerFactory own =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      own.init(keys, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManager[] trust =
          verify ? authorities(folder.resolve("ca.pem")) : UncheckedTls.managers();
      context.init(own.getKeyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "DOCKER_CERT_PATH " + folder + " holds no certificate and key that fit: " + e, e);
    }
  }

  private static TrustManager[] authorities(Path file)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (Certificate each : certificates(file)) {
      store.setCertificateEntry("ca-" + number++, each);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return trust.getTrustManagers();
  }

  private static List<Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream pem = Files.newInputStream(file)) {
      return List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(pem));
    }
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    Matcher pem = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!pem.find()) {
      throw new IOException(file + " holds no private key in PEM form");
    }
    byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
    return switch (pem.group(1)) {
      case "PRIVATE KEY" -> key(der, file);
      case "RSA PRIVATE KEY" -> key(wrapped(der), file);
      default ->
          throw new IOException(
              file + " is in a form that is not read; convert it: openssl pkcs8 -topk8 -nocrypt");
    };
  }

  private static PrivateKey key(byte[] pkcs8, Path file)
      throws IOException, GeneralSecurityException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        continue; // of another algorithm
      }
    }
    throw new IOException(file + " holds a key that is neither RSA, EC nor EdDSA");
  }

  private static byte[] wrapped(byte[] pkcs1) {
    return tagged(0x30, joined(RSA_PREFIX, tagged(0x04, pkcs1)));
  }

  private static byte[] tagged(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 0x80
            ? new byte[] {(byte) tag, (byte) length}
            : new byte[] {
              (byte) tag, (byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length
            };
    return joined(head, content);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = new byte[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
