package dev.buildman.bench;

import dev.buildman.runtime.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The load generator's side of {@link NoopExecutor}: hears of launches, tells who has gone. */
final class Workers implements Launches {
  private final ServerSocket server;
  private volatile Consumer<Launched> agents = _ -> {};
  private volatile @Nullable Writer out;

  Workers() throws IOException {
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Threads.start("noop-launches", this::serve);
  }

  @Override
  public String main() {
    return "dev.buildman.NoopManager";
  }

  @Override
  public List<String> arguments(Path config) {
    return List.of(config.toString(), Integer.toString(server.getLocalPort()));
  }

  /** Any that needs nothing: the program does not use it. */
  @Override
  public String executor() {
    return "{EXECUTOR: popen, BUILDER_BINARY_LOCATION: /bin/true}";
  }

  @Override
  public void playedBy(Consumer<Launched> players) {
    agents = players;
  }

  @Override
  public void gone(String name) {
    Writer writer = out;
    if (writer == null) {
      throw new IllegalStateException("no manager is here");
    }
    try {
      synchronized (this) {
        writer.write(name + "\n");
        writer.flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve() {
    try (Socket socket = server.accept();
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      socket.setTcpNoDelay(true);
      out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        agents.accept(new Launched(words[0], words[1], words[2]));
      }
    } catch (IOException e) {
      // The manager ended, or the run.
      out = null;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
