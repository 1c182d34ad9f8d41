package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Downloads a package to a file: redirects checked, size and time limited, and a transfer that
 * breaks goes on from where it was.
 */
final class Download {
  private static final int MAX_REDIRECTS = 5;

  /** In a row that brought nothing. */
  private static final int TRIES = 3;

  private static final int MOST_TRIES = 30;
  private static final Duration STEP = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long LONGEST_PAUSE = 60; // seconds

  /** How servers of signed addresses refuse one that is too old. */
  private static final Set<Integer> MAY_BE_EXPIRED = Set.of(400, 401, 403, 404, 410);

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
   * @throws SourceFailure BUILD_PACK_ISSUE for every answer that brings no file and when none comes
   */
  String run(URI from, Path file, Budget budget, SourceLog log)
      throws SourceFailure, InterruptedException {
    Partial partial = new Partial(file, budget.limits().downloadBytes());
    int fruitless = 0;
    for (int tries = 1; ; tries++) {
      long before = partial.size();
      Duration pause;
      try {
        HttpResponse<Boolean> answer = follow(from, partial, budget);
        if (answer.body()) {
          return partial.contentType();
        }
        fruitless++;
        pause = after(answer, from, partial, fruitless).orElse(PAUSE.multipliedBy(fruitless));
      } catch (Saving.TooLargeException e) {
        throw tooLarge(budget);
      } catch (Saving.NotWrittenException e) {
        throw new SourceFailure(
            FailureCode.INTERNAL_ERROR, "the source cannot be written: " + e.getMessage(), e);
      } catch (IOException e) {
        fruitless = partial.size() > before ? 0 : fruitless + 1;
        if (fruitless == TRIES || tries == MOST_TRIES) {
          throw issue(from, words(e), e);
        }
        pause = PAUSE.multipliedBy(Math.max(fruitless, 1));
        log.line("The download broke (%s); going on".formatted(words(e)));
      }
      sleeper.sleep(pause);
    }
  }

  /** How long to wait before the next try, if there is one and the server says so. */
  private static Optional<Duration> after(
      HttpResponse<Boolean> answer, URI from, Partial partial, int fruitless) throws SourceFailure {
    int status = answer.statusCode();
    if (status == 416 || status == 206) {
      partial.forget();
    } else if (status < 500 && status != 429) {
      boolean signed = from.getRawQuery() != null && MAY_BE_EXPIRED.contains(status);
      throw refused(from, status, signed ? "; a signed address may have expired" : "");
    }
    if (fruitless == TRIES) {
      throw refused(from, status, "");
    }
    return answer
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,9}"))
        .map(value -> Duration.ofSeconds(Math.min(Long.parseLong(value), LONGEST_PAUSE)));
  }

  private HttpResponse<Boolean> follow(URI from, Partial partial, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    URI next = from;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<Boolean> answer = get(next, partial, budget);
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

  private HttpResponse<Boolean> get(URI uri, Partial partial, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).header("User-Agent", "builder-agent").GET();
    if (uri.getUserInfo() != null) {
      byte[] login = uri.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login));
    }
    partial.ask(request);
    CompletableFuture<HttpResponse<Boolean>> exchange =
        client.sendAsync(request.build(), partial.handler());
    try {
      return await(exchange, partial, budget);
    } finally {
      exchange.cancel(true);
    }
  }

  /** Waits in steps: nothing else tells a slow download from a dead one. */
  private static HttpResponse<Boolean> await(
      CompletableFuture<HttpResponse<Boolean>> exchange, Partial partial, Budget budget)
      throws IOException, SourceFailure, InterruptedException {
    long seen = partial.size();
    Duration idle = Duration.ZERO;
    while (true) {
      try {
        return exchange.get(STEP.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        budget.alive();
        long size = partial.size();
        idle = size == seen ? idle.plus(STEP) : Duration.ZERO;
        seen = size;
        if (idle.compareTo(budget.limits().idle()) >= 0) {
          throw new IOException("nothing came for " + idle.toSeconds() + " s", e);
        }
      } catch (ExecutionException e) {
        throw cause(e);
      }
    }
  }

  /** The client wraps the faults of subscribers in ones of its own. */
  private static IOException cause(ExecutionException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof Saving.TooLargeException large) {
        return large;
      }
      if (cause instanceof Saving.NotWrittenException notWritten) {
        return notWritten;
      }
    }
    return e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
  }

  private static SourceFailure tooLarge(Budget budget) {
    return new SourceFailure(
        FailureCode.CANNOT_EXTRACT_BUILD_PACK,
        "the source's package is larger than "
            + Budget.size(budget.limits().downloadBytes())
            + ", which is the limit");
  }

  private static String words(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private static SourceFailure refused(URI from, int status, String advice) {
    return issue(
        from, "the server answered " + status + ", so nothing was unpacked" + advice, null);
  }

  private static SourceFailure issue(URI from, String why, @Nullable Throwable cause) {
    return new SourceFailure(
        FailureCode.BUILD_PACK_ISSUE,
        "the source %s cannot be downloaded: %s".formatted(Urls.shown(from.toString()), why),
        cause);
  }
}
