package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request and waits for its whole answer. The wait ends at once when the thread is
 * interrupted and when nothing moved for the idle time; the connection is dropped then.
 */
final class Http implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(250);
  private static final int MAX_COLLECTED = Manifest.MAX_BYTES;

  private final HttpClient client;
  private final ExecutorService threads;
  private final Duration idleTimeout;

  /**
   * @param tls how certificates are checked; null: as the platform does
   */
  Http(RegistrySettings settings, @Nullable SSLContext tls) {
    this.idleTimeout = settings.times().idle();
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("registry-http-", 0).factory());
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            // One connection per transfer moves layers faster than streams that share one.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.times().connect())
            .executor(threads);
    if (tls != null) {
      builder.sslContext(tls);
    }
    ProxySelector proxy = settings.transport().proxy();
    if (proxy != null) {
      builder.proxy(proxy);
    }
    this.client = builder.build();
  }

  /**
   * @throws RegistryException UNREACHABLE, TLS or TIMEOUT; any status is an answer
   */
  Answer send(Request request) throws RegistryException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> exchange =
        client.sendAsync(toHttp(request), receiver(request));
    try {
      HttpResponse<byte[]> response = await(exchange, request);
      return new Answer(response.statusCode(), response.headers(), response.body(), request.uri());
    } finally {
      exchange.cancel(true);
    }
  }

  private static HttpRequest toHttp(Request request) {
    Body body = request.body();
    HttpRequest.BodyPublisher publisher =
        body == null || body.length() == 0
            ? BodyPublishers.noBody()
            : new MeteredPublisher(body, request.meter());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri()).method(request.method(), publisher);
    request.headers().forEach(builder::header);
    return builder.build();
  }

  private static BodyHandler<byte[]> receiver(Request request) {
    Sink sink = request.sink();
    return info -> {
      boolean ok = info.statusCode() >= 200 && info.statusCode() < 300;
      return sink != null && ok
          ? Receiver.into(sink, info, request.meter())
          : Receiver.collecting(ok ? MAX_COLLECTED : Refusals.MAX_BODY, ok, request.meter());
    };
  }

  private HttpResponse<byte[]> await(
      CompletableFuture<HttpResponse<byte[]>> exchange, Request request)
      throws RegistryException, InterruptedException {
    long seen = request.meter().signs();
    Duration idle = Duration.ZERO;
    while (true) {
      try {
        return exchange.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        long signs = request.meter().signs();
        idle = signs == seen ? idle.plus(STEP) : Duration.ZERO;
        seen = signs;
        if (idle.compareTo(idleTimeout) >= 0) {
          throw new RegistryException(
              Kind.TIMEOUT,
              "%s: nothing moved for %d s while %s"
                  .formatted(host(request), idleTimeout.toSeconds(), request.doing()),
              e);
        }
      } catch (ExecutionException e) {
        throw translate(e.getCause() == null ? e : e.getCause(), request);
      } catch (CancellationException e) {
        throw translate(new IOException("the client is closed", e), request);
      }
    }
  }

  private static RegistryException translate(Throwable cause, Request request) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof RegistryException known) {
        return known;
      }
      if (t instanceof SSLException tls) {
        return new RegistryException(
            Kind.TLS,
            "%s: no trusted TLS connection while %s: %s. If it speaks plain http or its certificate"
                    .formatted(host(request), request.doing(), tls.getMessage())
                + " is its own, name it among the insecure registries or add its authority",
            cause);
      }
    }
    String words = cause.getMessage();
    return new RegistryException(
        Kind.UNREACHABLE,
        "%s: no connection, or it broke, while %s: %s"
            .formatted(
                host(request),
                request.doing(),
                words == null || words.isBlank() ? cause.getClass().getSimpleName() : words),
        cause);
  }

  private static String host(Request request) {
    return "registry " + request.uri().getAuthority();
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }
}
