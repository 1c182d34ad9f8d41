package dev.buildman.agent.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A private authority and what it signed for 127.0.0.1, made by the JDK's keytool.
 *
 * @param authority its certificate, PEM
 * @param certificate of the server with the authority's behind it, PEM
 * @param key of the server, PEM
 * @param privateKey the same
 */
public record TestAuthority(Path authority, Path certificate, Path key, PrivateKey privateKey) {
  private static final String PASSWORD = "changeit";

  /** Makes all in an empty folder. */
  public static TestAuthority in(Path folder)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = folder.resolve("keys.p12");
    keytool(store, "-genkeypair -alias ca -keyalg RSA -dname CN=tests -ext bc:c");
    keytool(
        store,
        "-genkeypair -alias server -keyalg RSA -dname CN=server -signer ca"
            + " -ext san=ip:127.0.0.1,dns:localhost");
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    String ca = pem("CERTIFICATE", keys.getCertificate("ca").getEncoded());
    String server = pem("CERTIFICATE", keys.getCertificate("server").getEncoded());
    PrivateKey key = (PrivateKey) keys.getKey("server", PASSWORD.toCharArray());
    return new TestAuthority(
        Files.writeString(folder.resolve("ca.crt"), ca),
        Files.writeString(folder.resolve("server.pem"), server + ca),
        Files.writeString(folder.resolve("server.key"), pem("PRIVATE KEY", key.getEncoded())),
        key);
  }

  private static void keytool(Path store, String options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(options.split(" ", -1)));
    command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", store.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool failed: " + words);
    }
  }

  private static String pem(String kind, byte[] bytes) {
    String text =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
  }
}
