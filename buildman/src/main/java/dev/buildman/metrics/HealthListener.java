package dev.buildman.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.runtime.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/**
 * Serves {@code /livez}, {@code /readyz} and {@code /metrics} on a port of its own, so that a
 * manager that is busy or draining still answers. The answers are text; {@code Accept:
 * application/json} gives JSON.
 */
public final class HealthListener implements AutoCloseable {
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Health health;
  private final Metrics metrics;
  private final HttpServer server;
  private final ExecutorService threads;

  /**
   * Binds and starts.
   *
   * @param address port 0 takes a free one
   * @throws UncheckedIOException naming the address when it cannot be bound
   */
  public HealthListener(InetSocketAddress address, Health health, Metrics metrics) {
    this.health = health;
    this.metrics = metrics;
    try {
      server = HttpServer.create(address, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "METRICS_LISTEN " + address + " cannot be bound: " + e.getMessage(), e);
    }
    threads = Threads.perTask("health");
    server.setExecutor(threads);
    server.createContext("/livez", exchange -> answer(exchange, Map.of()));
    server.createContext("/readyz", exchange -> answer(exchange, this.health.troubles()));
    server.createContext(
        "/metrics", exchange -> send(exchange, 200, PROMETHEUS, this.metrics.scrape()));
    server.start();
  }

  /** The port that was bound. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private static void answer(HttpExchange exchange, Map<String, String> troubles)
      throws IOException {
    int status = troubles.isEmpty() ? 200 : 503;
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    if (accept != null && accept.contains("application/json")) {
      send(exchange, status, "application/json", json(troubles));
    } else {
      send(exchange, status, TEXT, text(troubles));
    }
  }

  private static String text(Map<String, String> troubles) {
    return troubles.isEmpty()
        ? "ok\n"
        : troubles.entrySet().stream()
            .map(trouble -> trouble.getKey() + ": " + trouble.getValue() + "\n")
            .collect(Collectors.joining());
  }

  private static String json(Map<String, String> troubles) throws JsonProcessingException {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("status", troubles.isEmpty() ? "ok" : "not ready");
    answer.put("causes", troubles);
    return JSON.writeValueAsString(answer) + "\n";
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET") && !isHead(exchange)) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.sendResponseHeaders(status, isHead(exchange) ? -1 : bytes.length);
      if (!isHead(exchange)) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private static boolean isHead(HttpExchange exchange) {
    return exchange.getRequestMethod().equals("HEAD");
  }
}
