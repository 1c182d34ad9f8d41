package dev.buildman.e2e;

import dev.buildman.redis.RedisSettings;
import dev.buildman.registry.RegistryServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One installation on this machine: a registry, a balancer for agents, and as many managers as a
 * test starts. Closing ends all of it, workers too.
 */
final class Site implements AutoCloseable {
  private final Path folder;
  private final RedisSettings redis;
  private final String prefix;
  private final RegistryServer registry;
  private final Gate balancer;
  private final List<ManagerProcess> managers = new ArrayList<>();

  private Site(Path folder, RedisSettings redis, String prefix) throws IOException {
    this.folder = folder;
    this.redis = redis;
    this.prefix = prefix;
    this.registry =
        RegistryServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            folder.resolve("registry"),
            Instant.now(),
            Optional.empty());
    this.balancer = new Gate();
  }

  /**
   * @param folder of the test's own
   * @param redis a standalone server
   * @param prefix of this site's keys
   */
  static Site open(Path folder, RedisSettings redis, String prefix) throws IOException {
    return new Site(folder, redis, prefix);
  }

  /** Where images are pushed, host:port. */
  String registry() {
    return "127.0.0.1:" + registry.address().getPort();
  }

  int registryPort() {
    return registry.address().getPort();
  }

  /** What agents dial. */
  Gate balancer() {
    return balancer;
  }

  /** The folder with the workers of all managers. */
  Path workers() {
    return folder.resolve("workers");
  }

  /** Starts a manager and waits until it is ready. */
  ManagerProcess manager(Map<String, String> changes, String... options) throws IOException {
    ManagerProcess manager = startManager(changes, options);
    manager.awaitReady();
    return manager;
  }

  /**
   * Starts a manager.
   *
   * @param changes values of keys: {@code ALLOWED_WORKER_COUNT} of the build manager's map, {@code
   *     EXECUTOR.SETUP_TIME} of the executor's, {@code SECOND.NAME} of a second executor's, {@code
   *     BUILDMAN.LEASE} of ours, {@code ORCHESTRATOR.REDIS_PORT}
   * @param options of its JVM
   */
  ManagerProcess startManager(Map<String, String> changes, String... options) throws IOException {
    String name = "manager-" + (managers.size() + 1);
    Configured configured = configure(name, changes);
    ManagerProcess manager =
        ManagerProcess.start(
            configured.file(), folder.resolve(name + ".log"), configured.ports(), List.of(options));
    managers.add(manager);
    return manager;
  }

  /** A configuration file for a manager of this site, and the ports that it names. */
  record Configured(Path file, ManagerProcess.Ports ports) {}

  /** Writes a configuration, and lets agents be sent to the manager that will have it. */
  Configured configure(String name, Map<String, String> changes) throws IOException {
    int[] free = freePorts(5);
    ManagerProcess.Ports ports =
        new ManagerProcess.Ports(free[0], free[1], free[2], free[3], free[4]);
    Path config = folder.resolve(name + ".yaml");
    Files.writeString(
        config, new SiteConfig(this, redis, prefix, ports).text(new TreeMap<>(changes)));
    balancer.addTarget(ports.agents());
    return new Configured(config, ports);
  }

  private static int[] freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    int[] ports = new int[count];
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports[i] = socket.getLocalPort();
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  Path folder() {
    return folder;
  }

  /** What the registry says of a repository's tag {@code latest}: 200 or 404. */
  int tagStatus(String repository) throws IOException, InterruptedException {
    return manifest("GET", repository, "latest");
  }

  /** The status of a request for a manifest. */
  int manifest(String method, String repository, String reference)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri =
          URI.create("http://" + registry() + "/v2/" + repository + "/manifests/" + reference);
      HttpRequest request =
          HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (ManagerProcess manager : managers) {
      manager.close();
    }
    WorkerProcesses.of(this).killAll();
    balancer.close();
    registry.close();
  }
}
