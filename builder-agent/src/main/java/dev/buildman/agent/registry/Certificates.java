package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Certificates of single registries in folders as Docker has them: {@code certs.d/HOST[:PORT]/}
 * with {@code *.crt} for authorities, trusted beside those that are trusted anyway, and {@code
 * NAME.cert} with {@code NAME.key} for the client's own. The first folder that knows a registry
 * decides.
 *
 * @param folders that hold a folder for each registry; need not exist
 * @param bundle authorities that are trusted anyway, in PEM form; null: the platform's
 */
public record Certificates(List<Path> folders, @Nullable Path bundle) {
  /** None of their own for any registry. */
  public static final Certificates NONE = new Certificates(List.of(), null);

  private static final char[] NO_PASSWORD = new char[0];

  public Certificates {
    folders = List.copyOf(folders);
  }

  /** The folder with this registry's own, or empty when it has none. */
  public Optional<Path> folder(String registry) {
    return folders.stream()
        .map(folder -> folder.resolve(registry))
        .filter(Files::isDirectory)
        .findFirst();
  }

  /**
   * How this registry is spoken to over TLS; empty when it has no certificates of its own.
   *
   * @throws RegistryException LOCAL naming the file that is of no use
   */
  Optional<SSLContext> context(String registry) throws RegistryException {
    Optional<Path> folder = folder(registry);
    return folder.isEmpty() ? Optional.empty() : Optional.of(context(folder.get()));
  }

  private SSLContext context(Path folder) throws RegistryException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(folder), trust(folder), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new RegistryException(
          Kind.LOCAL, "the certificates in " + folder + " cannot be used: " + e.getMessage(), e);
    }
  }

  private TrustManager[] trust(Path folder) throws IOException, GeneralSecurityException {
    KeyStore store = empty();
    int number = 0;
    for (Certificate known : bundle == null ? platform() : read(bundle)) {
      store.setCertificateEntry("known-" + number++, known);
    }
    for (Path file : files(folder, "*.crt")) {
      for (Certificate own : read(file)) {
        store.setCertificateEntry("own-" + number++, own);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager @Nullable [] keys(Path folder)
      throws IOException, GeneralSecurityException {
    KeyStore store = empty();
    for (Path file : files(folder, "*.cert")) {
      Path key = file.resolveSibling(file.getFileName().toString().replaceFirst("cert$", "key"));
      Certificate[] chain = read(file).toArray(Certificate[]::new);
      store.setKeyEntry(file.toString(), PemKey.read(key), NO_PASSWORD, chain);
    }
    if (store.size() == 0) {
      return null;
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    return store;
  }

  private static List<X509Certificate> platform() throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    List<X509Certificate> all = new ArrayList<>();
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager known) {
        all.addAll(List.of(known.getAcceptedIssuers()));
      }
    }
    return all;
  }

  private static Collection<? extends Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream pem = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(pem);
    }
  }

  private static List<Path> files(Path folder, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, pattern)) {
      found.forEach(files::add);
    }
    return files.stream().sorted().toList();
  }
}
