package dev.buildman.agent.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Just enough of a registry to take one small image, in memory. */
public final class MemoryRegistry implements AutoCloseable {
  private record Stored(byte[] bytes, String type) {}

  private final Map<String, Stored> stored = new ConcurrentHashMap<>();
  private final AtomicInteger uploads = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  public MemoryRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    // Else all wait for one whose body comes from another's answer, as a copied blob does.
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Serves these bytes too. */
  String serve(String path, byte[] bytes) {
    stored.put(path, new Stored(bytes, "application/octet-stream"));
    return "http://" + address() + path;
  }

  /** Whether an image was pushed under the tag. */
  public boolean has(String tag) {
    return stored.keySet().stream().anyMatch(path -> path.endsWith("/manifests/" + tag));
  }

  private void answer(HttpExchange call) throws IOException {
    try (call) {
      String path = call.getRequestURI().getPath();
      byte[] body = call.getRequestBody().readAllBytes();
      switch (call.getRequestMethod()) {
        case "GET", "HEAD" -> read(call, path);
        case "POST" -> {
          // Of its own: an agent sends several blobs at a time.
          call.getResponseHeaders().set("Location", path + uploads.incrementAndGet());
          call.sendResponseHeaders(202, -1);
        }
        case "PATCH" -> {
          stored.put(path, new Stored(body, ""));
          call.getResponseHeaders().set("Location", path);
          call.getResponseHeaders().set("Range", "0-" + (body.length - 1));
          call.sendResponseHeaders(202, -1);
        }
        default -> write(call, path, body);
      }
    }
  }

  private void read(HttpExchange call, String path) throws IOException {
    @Nullable Stored found = stored.get(path);
    if (path.equals("/v2/")) {
      call.sendResponseHeaders(200, -1);
    } else if (found == null) {
      call.sendResponseHeaders(404, -1);
    } else {
      call.getResponseHeaders().set("Content-Type", found.type());
      call.getResponseHeaders().set("Docker-Content-Digest", digest(found.bytes()));
      boolean head = call.getRequestMethod().equals("HEAD");
      call.getResponseHeaders().set("Content-Length", Integer.toString(found.bytes().length));
      call.sendResponseHeaders(200, head ? -1 : found.bytes().length);
      if (!head) {
        call.getResponseBody().write(found.bytes());
      }
    }
  }

  private void write(HttpExchange call, String path, byte[] body) throws IOException {
    byte[] bytes = body;
    String name = path;
    if (path.contains("/uploads/")) {
      @Nullable Stored begun = stored.remove(path);
      bytes = body.length == 0 && begun != null ? begun.bytes() : body;
      name = path.replaceAll("/uploads/.*", "/" + digest(bytes));
    } else {
      stored.put(
          path.replaceAll("/manifests/.*", "/manifests/" + digest(bytes)),
          new Stored(bytes, type(call)));
    }
    stored.put(name, new Stored(bytes, type(call)));
    call.getResponseHeaders().set("Location", name);
    call.getResponseHeaders().set("Docker-Content-Digest", digest(bytes));
    call.sendResponseHeaders(201, -1);
  }

  private static String type(HttpExchange call) {
    @Nullable String type = call.getRequestHeaders().getFirst("Content-Type");
    return type == null ? "application/octet-stream" : type;
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes);
      return "sha256:" + HexFormat.of().formatHex(sha256);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
