package dev.buildman.agent.layout;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Just enough of a registry, on loopback and for one push, to take an image from any engine and
 * keep it as an OCI image layout: every engine can push, and none of them need know of files. What
 * arrives is checked against its digest. Safe for any thread.
 */
public final class LayoutReceiver implements AutoCloseable {
  private static final int CREATED = 201;
  private static final int ACCEPTED = 202;

  /** No manifest of an image is larger: the specification's limit. */
  private static final int LONGEST_MANIFEST = 4 << 20;

  private record Stored(Digest digest, String mediaType, long size) {}

  private final Path folder;
  private final Path blobs;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger uploads = new AtomicInteger();
  private final Map<String, Stored> manifests = new LinkedHashMap<>();

  /**
   * Begins to listen.
   *
   * @param folder is made; an existing layout is added to
   */
  public LayoutReceiver(Path folder) throws IOException {
    this.folder = folder;
    this.blobs = Files.createDirectories(folder.resolve("blobs/sha256"));
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v2/", this::answer);
    server.start();
  }

  /** {@code 127.0.0.1:port}; plain HTTP. */
  public String registry() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Writes the index: each tag that was pushed is a name in it. */
  public void finish() throws IOException {
    Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    ObjectNode index = Json.newObject().put("schemaVersion", 2);
    ArrayNode list = index.putArray("manifests");
    Map<Digest, ObjectNode> descriptors = new HashMap<>();
    OciForm form = new OciForm(blobs);
    for (Map.Entry<String, Stored> each : pushed().entrySet()) {
      Stored stored = each.getValue();
      ObjectNode descriptor = descriptors.get(stored.digest());
      if (descriptor == null) {
        descriptor = form.of(stored.digest().toString(), stored.mediaType(), stored.size());
        descriptors.put(stored.digest(), descriptor);
      }
      ObjectNode named = descriptor.deepCopy();
      named.putObject("annotations").put("org.opencontainers.image.ref.name", each.getKey());
      list.add(named);
    }
    Files.write(folder.resolve("index.json"), Json.write(index));
  }

  /** By tag; what was pushed by digest is named by one of these. */
  private Map<String, Stored> pushed() {
    synchronized (manifests) {
      Map<String, Stored> tags = new LinkedHashMap<>(manifests);
      tags.keySet().removeIf(reference -> reference.indexOf(':') >= 0);
      return tags;
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange call) throws IOException {
    try (call) {
      String path = call.getRequestURI().getPath();
      String last = path.substring(path.lastIndexOf('/') + 1);
      String method = call.getRequestMethod();
      if (path.equals("/v2/")) {
        call.sendResponseHeaders(200, -1);
      } else if (path.contains("/manifests/")) {
        manifest(call, method, last);
      } else if (method.equals("POST")) {
        begin(call, path);
      } else if (path.contains("/blobs/uploads/")) {
        upload(call, method, path, folder.resolve(".upload-" + Integer.parseInt(last)));
      } else {
        blob(call, Digest.parse(last));
      }
    } catch (IllegalArgumentException e) {
      call.sendResponseHeaders(400, -1);
    }
  }

  private void begin(HttpExchange call, String path) throws IOException {
    int number = uploads.incrementAndGet();
    Files.createFile(folder.resolve(".upload-" + number));
    call.getResponseHeaders().set("Location", path.replaceAll("/*$", "/") + number);
    call.getResponseHeaders().set("Range", "0-0");
    call.sendResponseHeaders(ACCEPTED, -1);
  }

  private void upload(HttpExchange call, String method, String path, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      call.getRequestBody().transferTo(out);
    }
    if (!method.equals("PUT")) {
      call.getResponseHeaders().set("Location", path);
      call.getResponseHeaders().set("Range", "0-" + Math.max(0, Files.size(file) - 1));
      call.sendResponseHeaders(ACCEPTED, -1);
      return;
    }
    Digest digest = Digest.parse(query(call, "digest"));
    if (!digest.isOf(hash(file, digest))) {
      Files.delete(file);
      call.sendResponseHeaders(400, -1);
      return;
    }
    Files.move(file, blobs.resolve(digest.hex()), StandardCopyOption.REPLACE_EXISTING);
    stored(call, digest);
  }

  private static MessageDigest hash(Path file, Digest digest) throws IOException {
    MessageDigest hash = digest.newHash();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), hash)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return hash;
  }

  private void manifest(HttpExchange call, String method, String reference) throws IOException {
    if (method.equals("PUT")) {
      byte[] bytes = call.getRequestBody().readNBytes(LONGEST_MANIFEST);
      Digest digest = Digest.of(bytes);
      String type = call.getRequestHeaders().getFirst("Content-Type");
      Files.write(blobs.resolve(digest.hex()), bytes);
      Stored stored = new Stored(digest, type == null ? "" : type, bytes.length);
      synchronized (manifests) {
        manifests.put(reference, stored);
        manifests.put(digest.toString(), stored);
      }
      stored(call, digest);
      return;
    }
    Stored stored;
    synchronized (manifests) {
      stored = manifests.get(reference);
    }
    if (stored == null) {
      call.sendResponseHeaders(404, -1);
      return;
    }
    call.getResponseHeaders().set("Content-Type", stored.mediaType());
    blob(call, stored.digest());
  }

  private void blob(HttpExchange call, Digest digest) throws IOException {
    Path file = blobs.resolve(digest.hex());
    if (!Files.isRegularFile(file)) {
      call.sendResponseHeaders(404, -1);
      return;
    }
    call.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
    if (call.getRequestMethod().equals("HEAD")) {
      call.getResponseHeaders().set("Content-Length", Long.toString(Files.size(file)));
      call.sendResponseHeaders(200, -1);
      return;
    }
    call.sendResponseHeaders(200, Files.size(file));
    Files.copy(file, call.getResponseBody());
  }

  private static void stored(HttpExchange call, Digest digest) throws IOException {
    call.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
    call.getResponseHeaders().set("Location", "/v2/" + digest);
    call.sendResponseHeaders(CREATED, -1);
  }

  private static String query(HttpExchange call, String name) {
    String query = String.valueOf(call.getRequestURI().getQuery());
    for (String part : query.split("&", -1)) {
      if (part.startsWith(name + "=")) {
        return part.substring(name.length() + 1);
      }
    }
    return "";
  }
}
