package dev.buildman.agent.engine.buildah;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * As much of HTTP/1.1 as a program on this machine needs that was started by this one. A client
 * that begins with TLS is turned away at once, so that it falls back without a time-out.
 */
final class LoopbackHttp implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LoopbackHttp.class);
  private static final int TLS_HANDSHAKE = 0x16;
  private static final int LONGEST_LINE = 16 << 10;

  /**
   * A request.
   *
   * @param target path and query as sent
   * @param body ends where the request's does
   */
  record Request(String method, String target, InputStream body) {}

  /** An answer without a body. */
  record Answer(int status, Map<String, String> headers) {
    static Answer of(int status) {
      return new Answer(status, Map.of());
    }
  }

  /** Answers requests, many at a time. */
  @FunctionalInterface
  interface Handler {
    Answer answer(Request request) throws IOException;
  }

  private final ServerSocket server;
  private final Handler handler;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  private LoopbackHttp(ServerSocket server, Handler handler) {
    this.server = server;
    this.handler = handler;
  }

  /** Listens on a free port of the loopback interface. */
  static LoopbackHttp start(Handler handler) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    LoopbackHttp http = new LoopbackHttp(server, handler);
    // Not virtual ones: the poller that serves their sockets would stay, and hold the JVM's end.
    Thread.ofPlatform().daemon().name("loopback-accept").start(http::accept);
    return http;
  }

  int port() {
    return server.getLocalPort();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        clients.add(client);
        Thread.ofPlatform().daemon().name("loopback-client").start(() -> serve(client));
      } catch (IOException e) {
        log.debug("no more clients are taken: because={}", e.toString());
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      in.mark(1);
      if (in.read() == TLS_HANDSHAKE) {
        return;
      }
      in.reset();
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        exchange(line, in, client.getOutputStream());
      }
    } catch (IOException e) {
      log.debug("a client went: because={}", e.toString());
    } finally {
      clients.remove(client);
    }
  }

  private void exchange(String requestLine, InputStream in, OutputStream out) throws IOException {
    String[] words = requestLine.split(" ", 3);
    if (words.length < 3) {
      throw new IOException("this is no HTTP");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    InputStream body =
        "chunked".equalsIgnoreCase(headers.get("transfer-encoding"))
            ? new Chunked(in)
            : new Fixed(in, Long.parseLong(headers.getOrDefault("content-length", "0")));
    Answer answer = handler.answer(new Request(words[0], words[1], body));
    body.transferTo(OutputStream.nullOutputStream());
    StringBuilder text = new StringBuilder("HTTP/1.1 " + answer.status() + " .\r\n");
    Map<String, String> all = new HashMap<>(answer.headers());
    all.putIfAbsent("Content-Length", "0");
    all.forEach((name, value) -> text.append(name).append(": ").append(value).append("\r\n"));
    out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  /** A line without its end; empty at the end of the stream too. */
  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      if (next != '\r') {
        line.write(next);
      }
      if (line.size() > LONGEST_LINE) {
        throw new IOException("a line is too long");
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  /** A body of known length. */
  private static class Fixed extends InputStream {
    final InputStream in;
    long left;

    Fixed(InputStream in, long length) {
      this.in = in;
      this.left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left <= 0) {
        return -1;
      }
      int read = in.read(buffer, offset, (int) Math.min(length, left));
      if (read < 0) {
        throw new EOFException("the client went in the middle of a body");
      }
      left -= read;
      return read;
    }
  }

  /** A body in chunks. */
  private static final class Chunked extends Fixed {
    private boolean first = true;
    private boolean ended;

    Chunked(InputStream in) {
      super(in, 0);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (left == 0 && !ended) {
        next();
      }
      return ended ? -1 : super.read(buffer, offset, length);
    }

    private void next() throws IOException {
      if (!first) {
        line(in);
      }
      first = false;
      left = Long.parseLong(line(in).replaceFirst(";.*", "").strip(), 16);
      if (left == 0) {
        ended = true;
        line(in);
      }
    }
  }
}
