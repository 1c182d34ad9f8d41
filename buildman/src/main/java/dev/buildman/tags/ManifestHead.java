package dev.buildman.tags;

import dev.buildman.model.Credentials;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Whether manifests of one repository are there, within one time limit. For one thread. */
final class ManifestHead {
  /** The user of a registry whose password is a token, as Quay's. */
  private static final String TOKEN_USER = "$token";

  private static final String MANIFESTS =
      String.join(
          ", ",
          List.of(
              "application/vnd.oci.image.manifest.v1+json",
              "application/vnd.oci.image.index.v1+json",
              "application/vnd.docker.distribution.manifest.v2+json",
              "application/vnd.docker.distribution.manifest.list.v2+json"));

  private final HttpClient http;
  private final TagQuestion question;
  private final String scheme;
  private final Ticker ticker;
  private final long began;
  private final Duration limit;
  private String authorization = "";

  ManifestHead(
      HttpClient http, TagQuestion question, boolean insecure, Ticker ticker, Duration limit) {
    this.http = http;
    this.question = question;
    this.scheme = insecure ? "http" : "https";
    this.ticker = ticker;
    this.limit = limit;
    this.began = ticker.nanos();
  }

  /**
   * Asks.
   *
   * @throws IOException when the registry does not say: it is away, refuses, or is too slow
   */
  boolean exists(String tag) throws IOException, InterruptedException {
    int status = head(tag);
    return switch (status) {
      case 200 -> true;
      // Some registries hide what may not be read.
      case 401, 403, 404 -> false;
      default -> throw new IOException("it answered with status " + status);
    };
  }

  private int head(String tag) throws IOException, InterruptedException {
    HttpResponse<Void> response = send(tag);
    if (response.statusCode() == 401 && authorization.isEmpty()) {
      authorization = authorize(response);
      response = authorization.isEmpty() ? response : send(tag);
    }
    return response.statusCode();
  }

  private HttpResponse<Void> send(String tag) throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "%s://%s/v2/%s/manifests/%s"
                .formatted(scheme, question.registry(), question.repository(), tag));
    HttpRequest.Builder request = request(uri).method("HEAD", HttpRequest.BodyPublishers.noBody());
    request.header("Accept", MANIFESTS);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }

  /** What to send; empty: there is nothing that would help. */
  private String authorize(HttpResponse<Void> refusal) throws IOException, InterruptedException {
    for (String header : refusal.headers().allValues("WWW-Authenticate")) {
      if (header.regionMatches(true, 0, "Basic", 0, 5)) {
        return basic();
      }
      if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
        return bearer(BearerChallenge.parse(header));
      }
    }
    return "";
  }

  private String basic() {
    Credentials credentials = question.credentials();
    if (credentials.password().isEmpty()) {
      return "";
    }
    String user = credentials.username().isEmpty() ? TOKEN_USER : credentials.username();
    String pair = user + ":" + credentials.password().reveal();
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private String bearer(BearerChallenge challenge) throws IOException, InterruptedException {
    if (!challenge.realm().startsWith("https://") && !scheme.equals("http")) {
      throw new IOException("it wants credentials to be sent without TLS");
    }
    URI uri = challenge.uri("repository:" + question.repository() + ":pull");
    HttpRequest.Builder request = request(uri).GET();
    String basic = basic();
    if (!basic.isEmpty()) {
      request.header("Authorization", basic);
    }
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return response.statusCode() == 200 ? "Bearer " + BearerChallenge.token(response.body()) : "";
  }

  private HttpRequest.Builder request(URI uri) throws HttpTimeoutException {
    Duration left = limit.minus(ticker.since(began));
    if (!left.isPositive()) {
      throw new HttpTimeoutException("no answer in " + limit.toSeconds() + " s");
    }
    return HttpRequest.newBuilder(uri).timeout(left);
  }
}
