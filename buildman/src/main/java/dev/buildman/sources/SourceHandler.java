package dev.buildman.sources;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves uploaded sources to agents by signed URL: {@code GET} and {@code HEAD}, whole files, never
 * with a Content-Encoding.
 *
 * <p>A grant is good while its job lives: once that has ended, also the right URL is refused.
 */
public final class SourceHandler implements HttpHandler {

  private static final Logger log = LoggerFactory.getLogger(SourceHandler.class);

  /** Whether an attempt of a build has a live job now. */
  public interface LiveJobs {
    /** May block; throws when the answer is not to be had. */
    boolean isLive(String buildId, int attempt);
  }

  private final SourceStore store;
  private final SourceUrls urls;
  private final LiveJobs jobs;

  /** A handler for the context {@code /sources/}. */
  public SourceHandler(SourceStore store, SourceUrls urls, LiveJobs jobs) {
    this.store = store;
    this.urls = urls;
    this.jobs = jobs;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        refuse(exchange, 405, "only GET and HEAD");
        return;
      }
      Optional<SourceUrls.Grant> grant = urls.verify(exchange.getRequestURI());
      if (grant.isEmpty()) {
        refuse(exchange, 403, "this URL is not signed, or has expired");
        return;
      }
      serve(exchange, grant.get());
    }
  }

  private void serve(HttpExchange exchange, SourceUrls.Grant grant) throws IOException {
    boolean live;
    try {
      live = jobs.isLive(grant.buildId(), grant.attempt());
    } catch (RuntimeException e) {
      log.warn("cannot tell whether a job lives: build={}", grant.buildId(), e);
      exchange.getResponseHeaders().set("Retry-After", "1");
      refuse(exchange, 503, "the orchestrator cannot be reached; try again");
      return;
    }
    if (!live) {
      refuse(exchange, 403, "the build's job has ended");
      return;
    }
    Optional<StoredSource> source = store.find(grant.digest());
    if (source.isEmpty()) {
      log.warn("source is gone: build={}, digest={}", grant.buildId(), grant.digest());
      refuse(exchange, 404, "the source is gone");
      return;
    }
    send(exchange, source.get());
    log.debug("source served: build={}, digest={}", grant.buildId(), grant.digest());
  }

  private void send(HttpExchange exchange, StoredSource source) throws IOException {
    store.touch(source.digest());
    exchange.getResponseHeaders().set("Content-Type", source.kind().contentType());
    exchange.getResponseHeaders().set("ETag", "\"" + source.digest() + "\"");
    exchange.getResponseHeaders().set("Cache-Control", "private, no-store");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(source.size()));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, source.size());
    try (OutputStream body = exchange.getResponseBody()) {
      Files.copy(source.file(), body);
    } catch (NoSuchFileException e) {
      // Retired between find and here: the short body tells the agent that it failed.
      log.warn("source went while it was served: digest={}", source.digest());
    }
  }

  private static void refuse(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    // Not text/plain: Quay's worker takes any text/plain body for a Dockerfile, whatever the
    // status.
    exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
    exchange.sendResponseHeaders(status, head ? -1 : body.length);
    if (!head) {
      exchange.getResponseBody().write(body);
    }
  }
}
