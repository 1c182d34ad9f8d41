package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import com.github.dockerjava.transport.DockerHttpClient.Response;
import com.github.dockerjava.transport.SSLConfig;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import dev.buildman.agent.registry.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the Docker API that builds need, over docker-java's transport, which knows Unix
 * sockets, TLS and streams in both directions. Every call ends within a second when its thread is
 * interrupted, its connection closed: that is what makes a daemon stop what it does for the call.
 */
public final class Daemon implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** For calls that only look something up or move a name. */
  private static final Duration QUICK = Duration.ofSeconds(30);

  /** Builds, pulls and exports take what they take; the build's own limit interrupts. */
  private static final Duration UNLIMITED = Duration.ofDays(1);

  private static final int LONGEST_ANSWER = 4 << 20;
  private static final int FIRST_FAILURE = 400;

  private final DaemonAddress address;
  private final DockerHttpClient http;

  private Daemon(DaemonAddress address, DockerHttpClient http) {
    this.address = address;
    this.http = http;
  }

  /** Takes a stream while it arrives. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads what it needs; the rest is dropped. */
    T read(InputStream stream) throws IOException, DaemonException, InterruptedException;
  }

  /** Takes the messages of a stream one by one, on a thread of the call. */
  @FunctionalInterface
  public interface Messages {
    /**
     * One JSON object of the stream.
     *
     * @throws DaemonException what the message means; ends the call
     */
    void accept(JsonNode message) throws DaemonException;
  }

  /**
   * A client of this daemon; connects when first used.
   *
   * @throws DaemonException when the files of its TLS cannot be read
   */
  public static Daemon at(DaemonAddress address) throws DaemonException {
    ZerodepDockerHttpClient.Builder http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(address.uri())
            .maxConnections(4)
            .connectionTimeout(CONNECT);
    if (address.certificates() != null) {
      try {
        SSLContext tls = DaemonTls.context(address.certificates(), address.verify());
        SSLConfig fixed = () -> tls;
        http.sslConfig(fixed);
      } catch (IOException e) {
        throw DaemonException.lost(e.getMessage() == null ? e.toString() : e.getMessage(), e);
      }
    }
    return new Daemon(address, http.build());
  }

  /** What the daemon says of itself: {@code Version}, {@code ApiVersion}, {@code Components}. */
  public JsonNode version() throws DaemonException, InterruptedException {
    return get("/version");
  }

  /** Whether {@link #version} is that of Podman's service. */
  public static boolean isPodmans(JsonNode version) {
    return version
        .path("Components")
        .valueStream()
        .anyMatch(part -> part.path("Name").asText().startsWith("Podman"));
  }

  /** What it says of its machine: {@code OSType}, {@code Architecture}, {@code Driver}. */
  public JsonNode info() throws DaemonException, InterruptedException {
    return get("/info");
  }

  /** An image by reference or id, or empty when the daemon has none. */
  public Optional<JsonNode> image(String name) throws DaemonException, InterruptedException {
    try {
      return Optional.of(get("/images/" + name + "/json"));
    } catch (DaemonException e) {
      if (e.isNotFound()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private JsonNode get(String path) throws DaemonException, InterruptedException {
    Request request = request("GET", path).build();
    return call(QUICK, request, stream -> Json.read(stream.readNBytes(LONGEST_ANSWER)));
  }

  /**
   * Pulls an image.
   *
   * @param platform {@code os/architecture}; empty: the daemon's own
   * @param auth value of {@code X-Registry-Auth}; null for an anonymous pull
   */
  public void pull(String image, String platform, @Nullable String auth, Messages messages)
      throws DaemonException, InterruptedException {
    Map<String, String> query =
        platform.isEmpty()
            ? Map.of("fromImage", image)
            : Map.of("fromImage", image, "platform", platform);
    Request.Builder request = request("POST", "/images/create" + query(query));
    if (auth != null) {
      request.putHeader("X-Registry-Auth", auth);
    }
    follow(request.build(), messages);
  }

  /**
   * Builds with the classic builder.
   *
   * @param query its parameters
   * @param auths value of {@code X-Registry-Config}
   * @param context a tar, read while it is sent
   */
  public void build(Map<String, String> query, String auths, InputStream context, Messages messages)
      throws DaemonException, InterruptedException {
    Request request =
        request("POST", "/build" + query(query))
            .putHeader("X-Registry-Config", auths)
            .putHeader("Content-Type", "application/x-tar")
            .body(context)
            .build();
    follow(request, messages);
  }

  /** Exports an image as a tar. */
  public <T> T save(String image, Reader<T> reader) throws DaemonException, InterruptedException {
    return call(UNLIMITED, request("GET", "/images/" + image + "/get").build(), reader);
  }

  /** Gives an image one more name. */
  public void tag(String image, String repository, String tag)
      throws DaemonException, InterruptedException {
    String query = query(Map.of("repo", repository, "tag", tag));
    call(QUICK, request("POST", "/images/" + image + "/tag" + query).build(), stream -> "");
  }

  /**
   * Removes a name of an image, and the image with its last name; images below it stay.
   *
   * @throws DaemonException {@link DaemonException#isConflict} while something else needs it
   */
  public void remove(String image) throws DaemonException, InterruptedException {
    call(
        QUICK,
        request("DELETE", "/images/" + image + "?noprune=true&force=false").build(),
        s -> "");
  }

  /**
   * Kills a container and removes it with its volumes. Where the daemon is removing it already, as
   * after a build that was broken off, returns when it has: until then its image is in use.
   */
  public void removeContainer(String id) throws DaemonException, InterruptedException {
    try {
      Request removal = request("DELETE", "/containers/" + id + "?force=true&v=true").build();
      call(QUICK, removal, stream -> "");
    } catch (DaemonException e) {
      if (!e.isConflict()) {
        throw e;
      }
      awaitRemoval(id, QUICK);
    }
  }

  /**
   * Returns when somebody else has removed a container.
   *
   * @throws DaemonException {@link DaemonException#isNotFound} when it is gone already, {@link
   *     DaemonException#isLost} when the limit has passed
   */
  void awaitRemoval(String id, Duration limit) throws DaemonException, InterruptedException {
    Request wait = request("POST", "/containers/" + id + "/wait?condition=removed").build();
    call(limit, wait, stream -> stream.readNBytes(LONGEST_ANSWER));
  }

  private void follow(Request request, Messages messages)
      throws DaemonException, InterruptedException {
    call(
        UNLIMITED,
        request,
        stream -> {
          try (Json.Values all = Json.values(stream)) {
            for (Optional<JsonNode> next = all.next(); next.isPresent(); next = all.next()) {
              messages.accept(next.get());
            }
          }
          return "";
        });
  }

  private static Request.Builder request(String method, String path) {
    return Request.builder().method(method).path(path);
  }

  private static String query(Map<String, String> parameters) {
    StringBuilder query = new StringBuilder();
    parameters.forEach(
        (name, value) ->
            query
                .append(query.isEmpty() ? '?' : '&')
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return query.toString();
  }

  private <T> T call(Duration limit, Request request, Reader<T> reader)
      throws DaemonException, InterruptedException {
    return new Exchange<T>(address, () -> exchange(request, reader)).run(limit);
  }

  private <T> T exchange(Request request, Reader<T> reader)
      throws DaemonException, IOException, InterruptedException {
    try (Response response = http.execute(request)) {
      if (response.getStatusCode() >= FIRST_FAILURE) {
        throw DaemonException.refused(response.getStatusCode(), words(response));
      }
      return reader.read(response.getBody());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String words(Response response) throws IOException {
    byte[] body = response.getBody().readNBytes(LONGEST_ANSWER);
    String text = new String(body, StandardCharsets.UTF_8).strip();
    if (text.startsWith("{")) {
      String message = Json.read(body).path("message").asText("");
      return message.isEmpty() ? text : message;
    }
    return text.isEmpty() ? "HTTP status " + response.getStatusCode() : text;
  }

  @Override
  public void close() {
    try {
      http.close();
    } catch (IOException e) {
      // Its connections are gone, which is all that closing is for.
      return;
    }
  }
}
