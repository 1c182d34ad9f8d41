package dev.buildman.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hangs up at once on clients that begin with TLS. The JDK's server would wait for the end of a
 * request line that never comes, and podman, buildah and skopeo, which ask for TLS first, would
 * wait with it for ten seconds each time. Everything else is passed on.
 */
final class PlainGate implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PlainGate.class);

  /** The first byte of a TLS handshake; no request begins with it. */
  private static final int TLS_HANDSHAKE = 0x16;

  private static final int BACKLOG = 512;

  private final ServerSocket server;
  private final InetSocketAddress target;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("registry-gate-", 0).factory());
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private PlainGate(ServerSocket server, InetSocketAddress target) {
    this.server = server;
    this.target = target;
  }

  /** Listens, and passes connections on to the target. */
  static PlainGate start(InetSocketAddress listen, InetSocketAddress target) throws IOException {
    ServerSocket server = new ServerSocket();
    try {
      server.setReuseAddress(true);
      server.bind(listen, BACKLOG);
    } catch (IOException e) {
      server.close();
      throw new IOException("the registry cannot listen on " + listen + ": " + e.getMessage(), e);
    }
    PlainGate gate = new PlainGate(server, target);
    gate.threads.execute(gate::accept);
    return gate;
  }

  InetSocketAddress address() {
    return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      log.debug("registry did not stop to listen: cause={}", e.getMessage());
    }
    open.forEach(PlainGate::hangUp);
    threads.shutdownNow();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        threads.execute(() -> serve(client));
      } catch (IOException e) {
        if (!server.isClosed()) {
          log.warn("registry cannot take a connection", e);
        }
      }
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client;
        Socket inner = new Socket()) {
      client.setTcpNoDelay(true);
      int first = client.getInputStream().read();
      if (first < 0 || first == TLS_HANDSHAKE) {
        return;
      }
      inner.connect(target);
      inner.setTcpNoDelay(true);
      inner.getOutputStream().write(first);
      Thread answers = Thread.ofVirtual().start(() -> answer(inner, client));
      client.getInputStream().transferTo(inner.getOutputStream());
      // The client may have said all and still wait for the answer.
      inner.shutdownOutput();
      answers.join();
    } catch (IOException e) {
      log.debug("registry connection broke off: cause={}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  /** Hangs up when the server does: that ends the other direction too. */
  private static void answer(Socket inner, Socket client) {
    try (client) {
      inner.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      log.debug("registry answer broke off: cause={}", e.getMessage());
    }
  }

  private static void hangUp(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("registry connection did not close: cause={}", e.getMessage());
    }
  }
}
