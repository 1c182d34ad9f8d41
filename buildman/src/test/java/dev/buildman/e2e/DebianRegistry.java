package dev.buildman.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's docker-registry on a free loopback port, in plain http, for everybody. */
final class DebianRegistry implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final String address;

  private DebianRegistry(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  static DebianRegistry start(Path folder) throws IOException {
    Path config = folder.resolve("docker-registry.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        log: {level: info}
        storage: {filesystem: {rootdirectory: '%s'}}
        http: {addr: '127.0.0.1:0', secret: tests}
        """
            .formatted(Files.createDirectories(folder.resolve("docker-registry"))));
    Process process =
        new ProcessBuilder("docker-registry", "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        // Nobody reads on, and a full pipe would stop it.
        Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
        return new DebianRegistry(process, listening.group(1));
      }
    }
    throw new IOException("docker-registry did not start:\n" + seen);
  }

  String address() {
    return address;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
