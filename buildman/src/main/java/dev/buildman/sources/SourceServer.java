package dev.buildman.sources;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.buildman.runtime.Threads;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import javax.net.ssl.SSLContext;

/** The agents' HTTP listener: signed source URLs and nothing else. */
public final class SourceServer implements AutoCloseable {

  private final HttpServer server;
  private final ExecutorService threads;

  private SourceServer(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Listens and serves.
   *
   * @param address port 0: any free one
   * @param tls absent: plain HTTP
   * @throws IOException when the address cannot be had; the message names it
   */
  public static SourceServer start(
      InetSocketAddress address, Optional<SSLContext> tls, SourceHandler handler)
      throws IOException {
    HttpServer server = create(address, tls);
    ExecutorService threads = Threads.perTask("source-http");
    server.setExecutor(threads);
    server.createContext(SourceUrls.PATH, handler);
    server.start();
    return new SourceServer(server, threads);
  }

  private static HttpServer create(InetSocketAddress address, Optional<SSLContext> tls)
      throws IOException {
    try {
      if (tls.isEmpty()) {
        return HttpServer.create(address, 0);
      }
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
      return https;
    } catch (IOException e) {
      throw new IOException(
          "cannot listen for agents' source requests: AGENTS_HTTP_LISTEN=" + address, e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Ends transfers under way within a second and stops listening. */
  @Override
  public void close() {
    server.stop(1);
    threads.shutdownNow();
  }
}
