package dev.buildman.agent.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Debian's docker-registry on a free loopback port, in plain http or with TLS. With a user it wants
 * Basic authentication as {@value #USER} with the password {@value #PASSWORD}.
 */
public final class DockerRegistry implements AutoCloseable {
  public static final String USER = "builder";
  public static final String PASSWORD = "canary-registry-5f21";

  // bcrypt of the password, of the lowest cost.
  private static final String HTPASSWD =
      USER + ":$2y$05$abcdefghijklmnopqrstuue7P3wobpTRCGqx5ff91aUDO1R.dYhMK\n";
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final String host;

  private DockerRegistry(Process process, String host) {
    this.process = process;
    this.host = host;
  }

  /** Starts one that takes everybody. */
  public static DockerRegistry start(Path dir) throws IOException {
    return start(dir, "");
  }

  /** Starts one that wants the user. */
  public static DockerRegistry startWithUser(Path dir) throws IOException {
    Path passwords = Files.writeString(dir.resolve("htpasswd"), HTPASSWD);
    return start(dir, "auth: {htpasswd: {realm: tests, path: '" + passwords + "'}}\n");
  }

  /**
   * Starts one that takes the tokens of a service.
   *
   * @param certificate of the key that signs them, PEM
   */
  public static DockerRegistry startWithTokens(Path dir, String realm, Path certificate)
      throws IOException {
    return start(
        dir,
        "auth: {token: {realm: '%s', service: tests, issuer: tests, rootcertbundle: '%s'}}\n"
            .formatted(realm, certificate));
  }

  /** Starts one that wants the user and speaks TLS only, with this certificate and its key. */
  public static DockerRegistry startWithTls(Path dir, Path certificate, Path key)
      throws IOException {
    Path passwords = Files.writeString(dir.resolve("htpasswd"), HTPASSWD);
    return start(
        dir,
        "auth: {htpasswd: {realm: tests, path: '" + passwords + "'}}\n",
        ", tls: {certificate: '%s', key: '%s'}".formatted(certificate, key));
  }

  private static DockerRegistry start(Path dir, String extra) throws IOException {
    return start(dir, extra, "");
  }

  private static DockerRegistry start(Path dir, String extra, String http) throws IOException {
    Path config = dir.resolve("registry.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: info}
        storage: {filesystem: {rootdirectory: '%s'}, delete: {enabled: true}}
        http: {addr: '127.0.0.1:0', secret: tests%s}
        """
                .formatted(Files.createDirectories(dir.resolve("data")), http)
            + extra);
    Process process =
        new ProcessBuilder(Program.DOCKER_REGISTRY.path().toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    try {
      BufferedReader log = process.inputReader(StandardCharsets.UTF_8);
      for (String line = log.readLine(); line != null; line = log.readLine()) {
        Matcher matcher = LISTENING.matcher(line);
        if (matcher.find()) {
          // Reading a pipe holds a virtual thread's carrier, and two of them are all on two cores.
          Thread.ofPlatform()
              .daemon()
              .name("docker-registry-log")
              .start(() -> log.lines().forEach(l -> {}));
          return new DockerRegistry(process, matcher.group(1));
        }
      }
      throw new IOException("docker-registry ended before it listened");
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** {@code 127.0.0.1:port}. */
  public String host() {
    return host;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(5, TimeUnit.SECONDS);
  }
}
