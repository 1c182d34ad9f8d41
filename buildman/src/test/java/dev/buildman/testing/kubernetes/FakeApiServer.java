package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.testing.kubernetes.Faults.Fault;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a Kubernetes API server that a manager meets, with faults on demand: Jobs, pods,
 * events and Secrets of any namespace, lists and watches with versions, access reviews, logs.
 */
public final class FakeApiServer implements AutoCloseable {
  private static final Pattern PATH =
      Pattern.compile(
          "/(?:api/v1|apis/batch/v1)/namespaces/(?<namespace>[^/]+)/(?<kind>[a-z]+)"
              + "(?:/(?<name>[^/]+))?(?:/(?<sub>log))?");
  private static final Map<String, String> KINDS =
      Map.of("jobs", "Job", "pods", "Pod", "events", "Event", "secrets", "Secret");

  static {
    // Else an answer may wait 40 ms for the acknowledgement of what went before it.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer http;
  private final ObjectStore store;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Faults faults = new Faults();
  private final Set<String> denied = ConcurrentHashMap.newKeySet();
  private final Set<String> missing = ConcurrentHashMap.newKeySet();
  private final AtomicInteger versionsAsked = new AtomicInteger();
  private final WatchStream.Mood mood = new WatchStream.Mood();
  private volatile Function<String, String> logs = _ -> "";
  private volatile String token = "";
  private volatile Consumer<Request> witness = _ -> {};

  public FakeApiServer(ObjectStore store) throws IOException {
    this.store = store;
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  /** As a configuration names it. */
  public String address() {
    return "127.0.0.1:" + http.getAddress().getPort();
  }

  /** The next request of this method and kind, as {@code POST jobs}, gets this. */
  public void next(String request, Fault fault) {
    faults.add(request, fault);
  }

  /**
   * Every request may get a fault; watches are {@code WATCH pods}, and the lists that they begin
   * with, which may be of any age, {@code LIST pods}.
   */
  public void weather(Function<String, Optional<Fault>> byRequest) {
    faults.weather(byRequest);
  }

  /** Takes a right away, as {@code create secrets}. */
  public void deny(String right) {
    denied.add(right);
  }

  /** Only requests with this token are answered. */
  public void demand(String bearer) {
    token = bearer;
  }

  /** There is no such namespace; lists of it are empty, as those of a real server are. */
  public void without(String namespace) {
    missing.add(namespace);
  }

  /** Watches deliver nothing any more, and stay open (K16). */
  public void silenceWatches(boolean silent) {
    mood.silent = silent;
  }

  /** How often it was asked for its version. */
  public int versionsAsked() {
    return versionsAsked.get();
  }

  /** Watches say now and then how far they are. */
  public void bookmark(boolean bookmarks) {
    mood.bookmarks = bookmarks;
  }

  /** Watches say everything twice, and what came later first. */
  public void muddle(boolean muddled) {
    mood.twice = muddled;
    mood.swapped = muddled;
  }

  /** All watches end. */
  public void endWatches() {
    mood.generation.incrementAndGet();
  }

  /** All watches end, and none can go on from where it was (K16). */
  public void forgetHistory() {
    mood.oldest = store.version();
    endWatches();
  }

  /** What a pod has printed, by its name. */
  public void logs(Function<String, String> byPod) {
    logs = byPod;
  }

  /**
   * A request about a kind of object.
   *
   * @param name empty: about all that have the labels and fields
   */
  public record Request(
      String bearer,
      String method,
      String kind,
      String name,
      Map<String, String> labels,
      Map<String, String> fields) {}

  /** Is told of every request before it is served. */
  public void witness(Consumer<Request> sees) {
    witness = sees;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String bearer = exchange.getRequestHeaders().getFirst("Authorization");
      if (!token.isEmpty() && !("Bearer " + token).equals(bearer)) {
        answer(exchange, 401, Faults.statusOf(401, "Unauthorized").toString());
        return;
      }
      if (path.equals("/version")) {
        versionsAsked.incrementAndGet();
        Thread.sleep(faults.of("GET version").map(Fault::delay).orElse(Duration.ZERO));
        answer(exchange, 200, "{\"major\":\"1\",\"minor\":\"36\",\"gitVersion\":\"v1.36.0\"}");
        return;
      }
      if (path.endsWith("/selfsubjectaccessreviews")) {
        review(exchange);
        return;
      }
      Matcher match = PATH.matcher(path);
      if (!match.matches()) {
        answer(exchange, 404, Faults.statusOf(404, "no such path: " + path).toString());
        return;
      }
      Map<String, String> query = query(exchange);
      String method = method(exchange, query);
      String whose = bearer == null ? "" : bearer.replaceFirst("^Bearer ", "");
      String name = match.group("name") == null ? "" : match.group("name");
      witness.accept(
          new Request(whose, method, match.group("kind"), name, labels(query), fields(query)));
      Optional<Fault> fault = faults.of(method + " " + match.group("kind"));
      if (fault.isPresent()) {
        Thread.sleep(fault.get().delay());
        if (!fault.get().doIt()) {
          exchange.getRequestBody().readAllBytes();
          spoil(exchange, fault.get());
          return;
        }
      }
      serve(exchange, match, query, fault.filter(f -> f.status() != 0 || f.cut()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String method(HttpExchange exchange, Map<String, String> query) {
    if ("true".equals(query.get("watch"))) {
      return "WATCH";
    }
    return "0".equals(query.get("resourceVersion")) ? "LIST" : exchange.getRequestMethod();
  }

  private static void spoil(HttpExchange exchange, Fault fault) throws IOException {
    if (fault.cut()) {
      // Closing before any answer ends the connection.
      return;
    }
    if (fault.retryAfter() > 0) {
      exchange.getResponseHeaders().set("Retry-After", Integer.toString(fault.retryAfter()));
    }
    answer(exchange, fault.status(), fault.body());
  }

  private void serve(
      HttpExchange exchange, Matcher match, Map<String, String> query, Optional<Fault> fault)
      throws IOException, InterruptedException {
    String kind = match.group("kind");
    String name = match.group("name");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Done done =
        switch (exchange.getRequestMethod()) {
          case "POST" -> post(match.group("namespace"), kind, query, body);
          case "DELETE" -> delete(kind, name, body);
          case "GET" -> {
            if (match.group("sub") != null) {
              yield new Done(200, logs.apply(name));
            }
            if (name != null) {
              yield store
                  .get(kind, name)
                  .map(found -> new Done(200, typed(kind, found).toString()))
                  .orElseGet(() -> Done.status(404, kind + " \"" + name + "\" not found"));
            }
            if ("true".equals(query.get("watch"))) {
              watch(exchange, kind, query);
              yield null;
            }
            yield list(kind, query);
          }
          default -> Done.status(405, "no");
        };
    if (done == null) {
      return;
    }
    if (fault.isPresent()) {
      spoil(exchange, fault.get());
    } else {
      answer(exchange, done.status(), done.body());
    }
  }

  private record Done(int status, String body) {
    static Done status(int code, String message) {
      return new Done(code, Faults.statusOf(code, message).toString());
    }
  }

  private Done post(String namespace, String kind, Map<String, String> query, String body) {
    if (missing.contains(namespace)) {
      return Done.status(404, "namespaces \"" + namespace + "\" not found");
    }
    ObjectNode object = ObjectStore.parse(body);
    if ("All".equals(query.get("dryRun"))) {
      return new Done(201, body);
    }
    return store
        .create(kind, object)
        .map(made -> new Done(201, made.toString()))
        .orElseGet(
            () ->
                Done.status(
                    409,
                    kind + " \"" + object.at("/metadata/name").asText() + "\" already exists"));
  }

  private Done delete(String kind, String name, String body) {
    if (kind.equals("pods")) {
      return store.leave(kind, name) ? Done.status(200, "") : Done.status(404, "not found");
    }
    if (kind.equals("jobs")
        && store.get(kind, name).isPresent()
        && !body.contains("\"propagationPolicy\":\"Background\"")) {
      throw new IllegalStateException("a Job was deleted without a policy (K18)");
    }
    return store.remove(kind, name) ? Done.status(200, "") : Done.status(404, "not found");
  }

  private Done list(String kind, Map<String, String> query) {
    ObjectNode list = ObjectStore.object();
    list.put("kind", KINDS.get(kind) + "List");
    list.put("apiVersion", version(kind));
    ObjectNode meta = list.putObject("metadata");
    ArrayNode items = list.putArray("items");
    synchronized (store) {
      meta.put("resourceVersion", Long.toString(store.version()));
      store.list(kind, labels(query)).stream().filter(selected(query)).forEach(items::add);
    }
    return new Done(200, list.toString());
  }

  private void watch(HttpExchange exchange, String kind, Map<String, String> query)
      throws IOException, InterruptedException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      long after = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
      new WatchStream(store, mood, kind, selected(query), object -> typed(kind, object))
          .write(out, after);
    }
  }

  private static ObjectNode typed(String kind, ObjectNode object) {
    object.put("kind", KINDS.get(kind));
    object.put("apiVersion", version(kind));
    return object;
  }

  private void review(HttpExchange exchange) throws IOException {
    ObjectNode review =
        ObjectStore.parse(
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    var asked = review.at("/spec/resourceAttributes");
    String right = asked.path("verb").asText() + " " + asked.path("resource").asText();
    review.putObject("status").put("allowed", !denied.contains(right));
    answer(exchange, 201, review.toString());
  }

  private static String version(String kind) {
    return kind.equals("jobs") ? "batch/v1" : "v1";
  }

  private static Predicate<ObjectNode> selected(Map<String, String> query) {
    Map<String, String> labels = labels(query);
    Map<String, String> fields = fields(query);
    return object ->
        ObjectStore.matches(object, labels)
            && fields.entrySet().stream()
                .allMatch(field -> object.path(field.getKey()).asText().equals(field.getValue()));
  }

  private static Map<String, String> labels(Map<String, String> query) {
    return pairs(query.getOrDefault("labelSelector", ""));
  }

  private static Map<String, String> fields(Map<String, String> query) {
    return pairs(query.getOrDefault("fieldSelector", ""));
  }

  private static Map<String, String> pairs(String selector) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : selector.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return pairs;
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? List.<String>of() : List.of(raw.split("&", -1))) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        query.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String type = body.startsWith("{") ? "application/json" : "text/plain";
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    }
  }

  @Override
  public void close() {
    endWatches();
    http.stop(0);
    threads.shutdownNow();
  }
}
