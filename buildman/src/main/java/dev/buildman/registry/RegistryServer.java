package dev.buildman.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The registry over HTTP. One virtual thread serves a request from its first byte to its last.
 * Everything that was answered with success is on the disk.
 */
public final class RegistryServer implements AutoCloseable {

  /** Decides whether a name and password may do everything. */
  public interface Access {
    boolean allows(String username, String password);
  }

  private static final Logger log = LoggerFactory.getLogger(RegistryServer.class);
  private static final Duration UPLOAD_AGE = Duration.ofDays(1);
  private static final int BACKLOG = 512;

  private final HttpServer server;
  private final PlainGate gate;
  private final ExecutorService threads;
  private final Optional<Access> access;
  private final BlobEndpoint blobs;
  private final UploadEndpoint uploads;
  private final ManifestEndpoint manifests;
  private final ListEndpoint lists;

  private RegistryServer(HttpServer server, PlainGate gate, Path root, Optional<Access> access) {
    BlobStore blobStore = new BlobStore(root);
    ManifestStore manifestStore = new ManifestStore(root);
    this.server = server;
    this.gate = gate;
    this.access = access;
    this.blobs = new BlobEndpoint(blobStore);
    this.uploads = new UploadEndpoint(new UploadStore(root), blobStore);
    this.manifests = new ManifestEndpoint(manifestStore, blobStore);
    this.lists = new ListEndpoint(manifestStore);
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("registry-", 0).factory());
  }

  /**
   * Starts to serve.
   *
   * @param listen port 0: a free one
   * @param root where the files are; made when it is not there
   * @param now what the age of forgotten uploads is counted from
   * @param access none: everybody on this machine may do everything
   * @throws IllegalArgumentException for an address that others can reach without an access rule
   */
  public static RegistryServer start(
      InetSocketAddress listen, Path root, Instant now, Optional<Access> access)
      throws IOException {
    if (access.isEmpty() && !listen.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          "a registry that asks for no password serves on loopback only, not on " + listen);
    }
    Files.createDirectories(root);
    new UploadStore(root).purge(now, UPLOAD_AGE);
    InetSocketAddress inside =
        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    HttpServer server = HttpServer.create(inside, BACKLOG);
    RegistryServer registry =
        new RegistryServer(server, PlainGate.start(listen, server.getAddress()), root, access);
    registry.server.createContext("/", registry::handle);
    registry.server.setExecutor(registry.threads);
    registry.server.start();
    return registry;
  }

  /** The address that is served. */
  public InetSocketAddress address() {
    return gate.address();
  }

  /** Ends at once: requests that are under way break off. */
  @Override
  public void close() {
    gate.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Call call = new Call(exchange);
    try {
      call.with("Docker-Distribution-Api-Version", "registry/2.0");
      authenticate(call);
      dispatch(call, Route.of(exchange.getRequestURI().getPath()));
    } catch (RegistryFault e) {
      refuse(call, e);
    } catch (IOException e) {
      log.debug("request broke off: path={}", exchange.getRequestURI().getPath(), e);
      throw e;
    } catch (RuntimeException e) {
      log.error("request failed: path={}", exchange.getRequestURI().getPath(), e);
      refuse(call, new RegistryFault(Code.UNKNOWN, "the registry failed; its log says why"));
    } finally {
      exchange.close();
    }
  }

  private void dispatch(Call call, Route route) throws IOException {
    switch (route) {
      case Route.Base _ -> call.json(200, Map.of());
      case Route.Catalog _ -> lists.catalog(call);
      case Route.Tags tags -> lists.tags(call, tags);
      case Route.Manifest manifest -> manifests.handle(call, manifest);
      case Route.Blob blob -> blobs.handle(call, blob);
      case Route.Uploads begin -> uploads.handle(call, begin);
      case Route.Upload upload -> uploads.handle(call, upload);
    }
  }

  private void authenticate(Call call) {
    if (access.isPresent() && !call.header("Authorization").map(this::allowed).orElse(false)) {
      call.with("WWW-Authenticate", "Basic realm=\"buildman registry\"");
      throw new RegistryFault(Code.UNAUTHORIZED, "a name and a password are needed");
    }
  }

  private boolean allowed(String header) {
    if (!header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return false;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(header.substring(6).strip());
      String[] parts = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
      return parts.length == 2 && access.orElseThrow().allows(parts[0], parts[1]);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void refuse(Call call, RegistryFault fault) throws IOException {
    Map<String, String> error =
        Map.of("code", fault.code.name(), "message", String.valueOf(fault.getMessage()));
    call.json(fault.code.status, Map.of("errors", List.of(error)));
  }
}
