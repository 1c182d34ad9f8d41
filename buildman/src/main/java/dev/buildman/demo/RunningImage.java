package dev.buildman.demo;

import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts the program of the example image as this user, without any container, and speaks to it.
 */
final class RunningImage implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int CONNECT_MILLIS = 200;

  private final Process process;
  private final int port;

  private RunningImage(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Runs the image's own command line, its absolute paths taken from the folder. */
  static RunningImage start(PulledImage image, Path root) throws IOException {
    int port = freePort();
    List<String> command = new ArrayList<>();
    for (String word : image.commandLine()) {
      command.add(word.startsWith("/") ? ImageTree.inside(root, word).toString() : word);
    }
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    Process process =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new RunningImage(process, port);
  }

  /** Sends a PING until it is answered; the answer, without its line end. */
  String ping() throws IOException, InterruptedException {
    Ticker ticker = Ticker.system();
    long began = ticker.nanos();
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = socket.getInputStream().readNBytes("+PONG\r\n".length());
        return new String(answer, StandardCharsets.US_ASCII).strip();
      } catch (IOException e) {
        // Not up yet. Waiting for its end is the pause, and tells when there is nothing to wait
        // for.
        if (process.waitFor(50, TimeUnit.MILLISECONDS)
            || ticker.since(began).compareTo(LIMIT) > 0) {
          throw new IOException("the image's program does not answer", e);
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
