package dev.buildman.tags;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A registry that knows tags and nothing else, and whose moods a test decides. */
public final class TestRegistry implements AutoCloseable {
  private static final String TOKEN = "the-token-of-the-service";

  private final HttpServer server;
  private final Set<String> tags = ConcurrentHashMap.newKeySet();
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private volatile Mood mood = Mood.OPEN;
  private volatile CountDownLatch hang = new CountDownLatch(0);

  /** How it treats who asks. */
  public enum Mood {
    OPEN,
    BASIC,
    TOKEN,
    FAILING
  }

  public TestRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::handle);
    server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** Host and port. */
  public String address() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public TestRegistry with(String repositoryAndTag) {
    tags.add(repositoryAndTag);
    return this;
  }

  public TestRegistry mood(Mood other) {
    mood = other;
    return this;
  }

  /** Answers nothing until it is closed. */
  public void hang() {
    hang = new CountDownLatch(1);
  }

  /** The requests so far: method and path, and how they were authorized. */
  public List<String> heard() {
    return List.copyOf(heard);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    heard.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + (authorization == null ? "" : " " + plain(authorization)));
    try (exchange) {
      hang.await();
      if (exchange.getRequestURI().getPath().equals("/token")) {
        byte[] body = ("{\"token\":\"" + TOKEN + "\"}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        return;
      }
      exchange.sendResponseHeaders(status(exchange, authorization), -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int status(HttpExchange exchange, String authorization) {
    if (mood == Mood.FAILING) {
      return 503;
    }
    if (mood == Mood.BASIC && authorization == null) {
      exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"it\"");
      return 401;
    }
    if (mood == Mood.TOKEN && !("Bearer " + TOKEN).equals(authorization)) {
      exchange
          .getResponseHeaders()
          .add(
              "WWW-Authenticate", "Bearer realm=\"http://" + address() + "/token\",service=\"it\"");
      return 401;
    }
    String path = exchange.getRequestURI().getPath();
    String tag = path.replaceFirst("^/v2/", "").replaceFirst("/manifests/", ":");
    return tags.contains(tag) ? 200 : 404;
  }

  private static String plain(String authorization) {
    return authorization.startsWith("Basic ")
        ? new String(
            Base64.getDecoder().decode(authorization.substring("Basic ".length())),
            StandardCharsets.UTF_8)
        : authorization;
  }

  @Override
  public void close() {
    hang.countDown();
    server.stop(0);
  }
}
