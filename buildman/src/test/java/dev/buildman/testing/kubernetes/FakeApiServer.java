package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a Kubernetes API server that a manager meets, with faults on demand: Jobs, pods,
 * events and Secrets of any namespace, lists and watches with versions, access reviews, logs.
 */
public final class FakeApiServer implements AutoCloseable {
  private static final Pattern PATH =
      Pattern.compile(
          "/(?:api/v1|apis/batch/v1)/namespaces/[^/]+/(?<kind>[a-z]+)"
              + "(?:/(?<name>[^/]+))?(?:/(?<sub>log))?");
  private static final Map<String, String> KINDS =
      Map.of("jobs", "Job", "pods", "Pod", "events", "Event", "secrets", "Secret");

  /** What a request gets instead of its answer; {@code before} is run first. */
  public record Fault(int status, String body, boolean doIt, boolean cut) {

    /** A refusal with a Status object. */
    public static Fault refuse(int status, String message) {
      return new Fault(status, statusOf(status, message).toString(), false, false);
    }

    /** The connection is cut; the request is carried out before when {@code done}. */
    public static Fault cut(boolean done) {
      return new Fault(0, "", done, true);
    }
  }

  private final HttpServer http;
  private final ObjectStore store;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, BlockingQueue<Fault>> faults = new ConcurrentHashMap<>();
  private final Set<String> denied = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean watchesSilent = new AtomicBoolean();
  private volatile Function<String, String> logs = _ -> "";
  private volatile boolean closed;

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
    faults.computeIfAbsent(request, _ -> new LinkedBlockingQueue<>()).add(fault);
  }

  /** Takes a right away, as {@code create secrets}. */
  public void deny(String right) {
    denied.add(right);
  }

  /** Watches deliver nothing any more, and stay open (K16). */
  public void silenceWatches(boolean silent) {
    watchesSilent.set(silent);
  }

  /** What a pod has printed, by its name. */
  public void logs(Function<String, String> byPod) {
    logs = byPod;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/version")) {
        answer(exchange, 200, "{\"major\":\"1\",\"minor\":\"36\",\"gitVersion\":\"v1.36.0\"}");
        return;
      }
      if (path.endsWith("/selfsubjectaccessreviews")) {
        review(exchange);
        return;
      }
      Matcher match = PATH.matcher(path);
      if (!match.matches()) {
        answer(exchange, 404, statusOf(404, "no such path: " + path).toString());
        return;
      }
      Optional<Fault> fault = fault(exchange.getRequestMethod() + " " + match.group("kind"));
      if (fault.isPresent() && !fault.get().doIt()) {
        spoil(exchange, fault.get());
        return;
      }
      serve(exchange, match, fault);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Fault> fault(String request) {
    BlockingQueue<Fault> queue = faults.get(request);
    return queue == null ? Optional.empty() : Optional.ofNullable(queue.poll());
  }

  private static void spoil(HttpExchange exchange, Fault fault) throws IOException {
    exchange.getRequestBody().readAllBytes();
    if (fault.cut()) {
      // Closing before any answer ends the connection.
      return;
    }
    answer(exchange, fault.status(), fault.body());
  }

  private void serve(HttpExchange exchange, Matcher match, Optional<Fault> fault)
      throws IOException, InterruptedException {
    String kind = match.group("kind");
    String name = match.group("name");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> query = query(exchange);
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        Optional<ObjectNode> made = store.create(kind, ObjectStore.parse(body));
        if (fault.isPresent()) {
          spoil(exchange, fault.get());
        } else if (made.isPresent()) {
          answer(exchange, 201, made.get().toString());
        } else {
          answer(exchange, 409, statusOf(409, kind + " already exists").toString());
        }
      }
      case "GET" -> {
        if (match.group("sub") != null) {
          answer(exchange, 200, logs.apply(name));
        } else if (name != null) {
          Optional<ObjectNode> found = store.get(kind, name);
          answer(
              exchange,
              found.isPresent() ? 200 : 404,
              found.map(ObjectNode::toString).orElse(statusOf(404, "not found").toString()));
        } else if ("true".equals(query.get("watch"))) {
          watch(exchange, kind, query);
        } else {
          list(exchange, kind, query);
        }
      }
      case "DELETE" -> {
        boolean orphans = !body.contains("\"propagationPolicy\":\"Background\"");
        boolean there = store.remove(kind, name);
        if (there && orphans) {
          throw new IllegalStateException("a Job was deleted without a policy (K18)");
        }
        answer(
            exchange,
            there ? 200 : 404,
            statusOf(there ? 200 : 404, "deleted or not there").toString());
      }
      default -> answer(exchange, 405, statusOf(405, "no").toString());
    }
  }

  private void list(HttpExchange exchange, String kind, Map<String, String> query)
      throws IOException {
    ObjectNode list = ObjectStore.object();
    list.put("kind", KINDS.get(kind) + "List");
    list.put("apiVersion", version(kind));
    list.putObject("metadata").put("resourceVersion", Long.toString(store.version()));
    ArrayNode items = list.putArray("items");
    store.list(kind, labels(query)).forEach(items::add);
    answer(exchange, 200, list.toString());
  }

  private void watch(HttpExchange exchange, String kind, Map<String, String> query)
      throws IOException, InterruptedException {
    Map<String, String> labels = labels(query);
    BlockingQueue<ObjectStore.Change> changes = new LinkedBlockingQueue<>();
    long after = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
    Runnable end = store.watch(after, changes::add);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      out.flush();
      while (!closed) {
        ObjectStore.Change change = changes.poll(100, TimeUnit.MILLISECONDS);
        if (change == null
            || watchesSilent.get()
            || !change.kind().equals(kind)
            || !ObjectStore.matches(change.object(), labels)) {
          continue;
        }
        ObjectNode line = ObjectStore.object();
        line.put("type", change.type());
        ObjectNode object = change.object().deepCopy();
        object.put("kind", KINDS.get(kind));
        object.put("apiVersion", version(kind));
        line.set("object", object);
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    } finally {
      end.run();
    }
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

  private static Map<String, String> labels(Map<String, String> query) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String pair : query.getOrDefault("labelSelector", "").split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        labels.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    return labels;
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

  static ObjectNode statusOf(int code, String message) {
    ObjectNode status = ObjectStore.object();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("status", code < 300 ? "Success" : "Failure");
    status.put("message", message);
    status.put("code", code);
    return status;
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    http.stop(0);
    threads.shutdownNow();
  }
}
