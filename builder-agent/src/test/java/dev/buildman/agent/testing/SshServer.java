package dev.buildman.agent.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** OpenSSH's own server on a free loopback port, with one user key and keys of its own. */
public final class SshServer implements AutoCloseable {
  private static final int TRIES = 100;

  private final Process process;
  private final int port;
  private final Path userKey;

  private SshServer(Process process, int port, Path userKey) {
    this.process = process;
    this.port = port;
    this.userKey = userKey;
  }

  /** Starts it; everything that it needs is put into the folder. */
  public static SshServer start(Path dir) throws IOException, InterruptedException {
    Path hostKey = key(dir.resolve("host_key"));
    Path userKey = key(dir.resolve("user_key"));
    Files.copy(dir.resolve("user_key.pub"), dir.resolve("authorized_keys"));
    int port = freePort();
    Path config = dir.resolve("sshd_config");
    Files.writeString(
        config,
        """
        Port %d
        ListenAddress 127.0.0.1
        HostKey %s
        AuthorizedKeysFile %s
        PidFile none
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        """
            .formatted(port, hostKey, dir.resolve("authorized_keys")));
    if ("root".equals(System.getProperty("user.name"))) {
      Files.createDirectories(Path.of("/run/sshd")); // sshd run by root insists on it
    }
    Process process =
        new ProcessBuilder(Program.SSHD.path().toString(), "-D", "-e", "-f", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("sshd.log").toFile())
            .start();
    SshServer server = new SshServer(process, port, userKey);
    try {
      server.awaitGreeting();
      return server;
    } catch (IOException | InterruptedException e) {
      server.close();
      throw e;
    }
  }

  private static Path key(Path file) throws IOException, InterruptedException {
    Process keygen =
        new ProcessBuilder(
                Program.SSH_KEYGEN.path().toString(),
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keygen.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keygen.waitFor() != 0) {
      throw new IOException("ssh-keygen failed: " + output);
    }
    return file;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitGreeting() throws IOException, InterruptedException {
    for (int i = 0; i < TRIES; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        if (socket.getInputStream().read() == 'S') {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      }
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        throw new IOException("sshd ended with status " + process.exitValue());
      }
    }
    throw new IOException("sshd does not greet on port " + port);
  }

  /** {@code ssh://user@127.0.0.1:port} and the path. */
  public String url(Path path) {
    return "ssh://" + System.getProperty("user.name") + "@127.0.0.1:" + port + path;
  }

  /** Its host key as a line of a known_hosts file. */
  public String knownHost() throws IOException {
    String[] key = Files.readString(userKey.resolveSibling("host_key.pub")).split(" ", -1);
    return "[127.0.0.1]:%d %s %s".formatted(port, key[0], key[1].strip());
  }

  /** The private key of the user. */
  public String userKey() throws IOException {
    return Files.readString(userKey);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(5, TimeUnit.SECONDS);
  }
}
