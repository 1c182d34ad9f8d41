package dev.buildman.agent.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A certificate for 127.0.0.1 that signs itself, made by the JDK's keytool.
 *
 * @param certificate in PEM form
 * @param key in PEM form
 */
public record TestCertificate(Path certificate, Path key) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Makes one; the folder must hold none yet. */
  public static TestCertificate in(Path folder) throws Exception {
    Path store = folder.resolve("store.p12");
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options =
        "-genkeypair -alias manager -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1"
            + " -storetype PKCS12 -storepass changeit -keystore";
    String[] command = (tool + " " + options + " " + store).split(" ", -1);
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();

    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    byte[] certificate = keys.getCertificate("manager").getEncoded();
    byte[] key = keys.getKey("manager", PASSWORD).getEncoded();
    return new TestCertificate(
        Files.writeString(folder.resolve("cert.pem"), pem("CERTIFICATE", certificate)),
        Files.writeString(folder.resolve("key.pem"), pem("PRIVATE KEY", key)));
  }

  private static String pem(String kind, byte[] bytes) {
    String text = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }
}
