package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Downloads a package to a file, redirects checked, size and time limited. */
final class Download {
  private static final int MAX_REDIRECTS = 5;
  private static final int TRIES = 3;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final HttpClient client;
  private final Sleeper sleeper;

  /**
   * @param client must not follow redirects itself
   */
  Download(HttpClient client, Sleeper sleeper) {
    if (client.followRedirects() != HttpClient.Redirect.NEVER) {
      throw new IllegalArgumentException("the redirects of sources are checked here");
    }
    this.client = client;
    this.sleeper = sleeper;
  }

  /**
   * @return the answer's Content-Type, lower case and without parameters; empty when it names none
   * @throws SourceFailure BUILD_PACK_ISSUE for every answer but 200 and when none comes
   */
  String run(URI from, Path file, Budget budget) throws SourceFailure, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<Path> answer = follow(from, file, budget);
        int status = answer.statusCode();
        if (status == 200) {
          return Packages.contentType(answer.headers().firstValue("Content-Type").orElse(""));
        }
        if (attempt == TRIES || (status < 500 && status != 429)) {
          throw issue(from, "the server answered " + status + ", so nothing was unpacked", null);
        }
      } catch (IOException e) {
        if (attempt == TRIES) {
          throw issue(from, words(e), e);
        }
      }
      sleeper.sleep(PAUSE.multipliedBy(attempt));
    }
  }

  private HttpResponse<Path> follow(URI from, Path file, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    URI next = from;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<Path> answer = get(next, file, budget);
      Optional<String> location = answer.headers().firstValue("Location");
      boolean redirect = answer.statusCode() >= 301 && answer.statusCode() <= 308;
      if (!redirect || answer.statusCode() == 304 || location.isEmpty()) {
        return answer;
      }
      next = redirected(next, location.get());
    }
    throw issue(from, "it redirects more than " + MAX_REDIRECTS + " times", null);
  }

  private static URI redirected(URI from, String location) throws SourceFailure {
    URI target;
    try {
      target = Urls.web(from.resolve(location).toString());
    } catch (IllegalArgumentException | SourceFailure e) {
      throw issue(from, "it redirects to " + Urls.shown(location) + ", which is no web address", e);
    }
    if (Urls.scheme(from).equals("https") && Urls.scheme(target).equals("http")) {
      throw issue(from, "it redirects from https to http", null);
    }
    return target;
  }

  private HttpResponse<Path> get(URI uri, Path file, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    Files.deleteIfExists(file);
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("User-Agent", "builder-agent").GET().build();
    HttpResponse.BodyHandler<Path> handler =
        info ->
            info.statusCode() == 200
                ? BodyHandlers.ofFile(file).apply(info)
                : BodySubscribers.replacing(file);
    CompletableFuture<HttpResponse<Path>> exchange = client.sendAsync(request, handler);
    try {
      HttpResponse<Path> answer = await(exchange, file, budget);
      size(file, budget);
      return answer;
    } finally {
      exchange.cancel(true);
    }
  }

  /** Waits in steps: nothing else tells a slow download from a dead one. */
  private static HttpResponse<Path> await(
      CompletableFuture<HttpResponse<Path>> exchange, Path file, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    long seen = 0;
    Duration idle = Duration.ZERO;
    while (true) {
      try {
        return exchange.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        budget.alive();
        long size = size(file, budget);
        idle = size == seen ? idle.plus(STEP) : Duration.ZERO;
        seen = size;
        if (idle.compareTo(budget.limits().idle()) >= 0) {
          throw new IOException("nothing came for " + idle.toSeconds() + " s", e);
        }
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        throw cause instanceof IOException io ? io : new IOException(cause);
      }
    }
  }

  private static long size(Path file, Budget budget) throws IOException, SourceFailure {
    long size = Files.exists(file) ? Files.size(file) : 0;
    long limit = budget.limits().downloadBytes();
    if (size > limit) {
      throw new SourceFailure(
          FailureCode.CANNOT_EXTRACT_BUILD_PACK,
          "the source's package is larger than " + Budget.size(limit) + ", which is the limit");
    }
    return size;
  }

  private static String words(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private static SourceFailure issue(URI from, String why, @Nullable Throwable cause) {
    return new SourceFailure(
        FailureCode.BUILD_PACK_ISSUE,
        "the source %s cannot be downloaded: %s".formatted(Urls.shown(from.toString()), why),
        cause);
  }
}
