package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.tree.Content;
import dev.buildman.agent.engine.tree.FileEntry;
import dev.buildman.agent.registry.Digest;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that ADD takes from a web server. Only http and https, redirects followed by hand and
 * checked, never to a link-local address, where clouds keep the credentials of their machines.
 */
final class RemoteFile {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int MAX_REDIRECTS = 10;
  private static final long MAX_BYTES = 4L << 30;

  private final URI uri;
  private final int line;

  RemoteFile(String url, int line) throws DockerfileException {
    this.line = line;
    try {
      this.uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(
          line,
          "the URL is not valid; blanks and other special characters are written as %20 and so"
              + " on.");
    }
  }

  static boolean isUrl(String source) {
    return source.regionMatches(true, 0, "http://", 0, 7)
        || source.regionMatches(true, 0, "https://", 0, 8);
  }

  /** The last name of the path; empty when it ends with a slash. */
  String name() {
    String path = uri.getPath() == null ? "" : uri.getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /**
   * Fetches the file.
   *
   * @param checksum {@code sha256:<hex>} that it must have, or null
   * @param fallbackTime its age when the server names none
   */
  FileEntry fetch(Path target, @Nullable String checksum, long fallbackTime)
      throws EngineFailure, DockerfileException, InterruptedException {
    Digest wanted = checksum == null ? null : checksum(checksum);
    HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      HttpResponse<InputStream> answer = follow(client);
      MessageDigest hash = (wanted == null ? Digest.of(new byte[0]) : wanted).newHash();
      long size;
      try (InputStream body = answer.body()) {
        size = store(body, target, hash);
      }
      if (wanted != null && !wanted.isOf(hash)) {
        throw failure("its checksum is not " + checksum);
      }
      return new FileEntry(
          new FileEntry.Regular(Content.ofFile(target), size),
          0600,
          FileEntry.Owner.ROOT,
          modified(answer, fallbackTime),
          Map.of());
    } catch (IOException e) {
      Failures.throwIfInterrupted(e);
      throw failure(e.getMessage() == null ? e.toString() : e.getMessage());
    } finally {
      // Not close(), which waits for bodies: who is interrupted while one begins never reads it.
      client.shutdownNow();
    }
  }

  private Digest checksum(String text) throws DockerfileException {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(line, "--checksum is written as sha256:<64 hex digits>.");
    }
  }

  private HttpResponse<InputStream> follow(HttpClient client)
      throws IOException, InterruptedException, EngineFailure {
    URI at = uri;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      check(at);
      HttpRequest request =
          HttpRequest.newBuilder(at).timeout(TIMEOUT).header("User-Agent", "buildman").build();
      HttpResponse<InputStream> answer =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      if (answer.statusCode() == 200) {
        return answer;
      }
      answer.body().close();
      String location = answer.headers().firstValue("Location").orElse("");
      if (answer.statusCode() / 100 != 3 || location.isEmpty()) {
        throw failure("the server answered " + answer.statusCode());
      }
      at = at.resolve(location);
    }
    throw failure("it redirects more than " + MAX_REDIRECTS + " times");
  }

  private void check(URI at) throws EngineFailure, UnknownHostException {
    if (!isUrl(at.toString()) || at.getHost() == null) {
      throw failure("it leads to something that is neither http nor https");
    }
    for (InetAddress address : InetAddress.getAllByName(at.getHost())) {
      if (address.isLinkLocalAddress()
          || address.isMulticastAddress()
          || address.isAnyLocalAddress()) {
        throw failure("it leads to an address that builds may not reach");
      }
    }
  }

  private long store(InputStream body, Path target, MessageDigest hash)
      throws IOException, EngineFailure {
    byte[] buffer = new byte[1 << 16];
    long size = 0;
    try (OutputStream out = Files.newOutputStream(target)) {
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        size += n;
        if (size > MAX_BYTES) {
          throw failure("it is larger than " + (MAX_BYTES >> 30) + " GiB");
        }
        hash.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
    }
    return size;
  }

  private static long modified(HttpResponse<?> answer, long fallback) {
    try {
      return answer
          .headers()
          .firstValue("Last-Modified")
          .map(
              date ->
                  ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond())
          .orElse(fallback);
    } catch (DateTimeException e) {
      return fallback;
    }
  }

  /** Names the URL without user and query, which may be secrets. */
  private EngineFailure failure(String why) {
    String shown =
        uri.getScheme() + "://" + uri.getHost() + (uri.getPath() == null ? "" : uri.getPath());
    return EngineFailure.of(
        FailureCode.BUILD_ERROR, "Dockerfile line " + line + ": ADD " + shown + " failed: " + why);
  }
}
