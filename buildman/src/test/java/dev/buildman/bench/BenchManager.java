package dev.buildman.bench;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Endpoint;
import dev.buildman.model.Secret;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.redis.RedisSettings;
import dev.buildman.testing.redis.RedisProcess;
import dev.buildman.testing.redis.RedisServers;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * One whole manager whose workers the load generator plays, and its Redis with an append-only file,
 * on loopback.
 */
final class BenchManager implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** Agents send as fast as they are answered here. */
  private static final String CONFIG =
      """
      SECRET_KEY: a-secret-key-of-a-benchmark
      SERVER_HOSTNAME: registry.example
      BUILDMAN_HOSTNAME: 127.0.0.1:%1$d
      BUILD_MANAGER:
        - ephemeral
        -
          ALLOWED_WORKER_COUNT: 6000
          ORCHESTRATOR: {REDIS_HOST: 127.0.0.1, REDIS_PORT: %5$d}
          EXECUTORS:
            - %7$s
      BUILDMAN:
        AGENTS_LISTEN: 127.0.0.1:%1$d
        AGENTS_HTTP_LISTEN: 127.0.0.1:%2$d
        CLIENTS_LISTEN: 127.0.0.1:%3$d
        METRICS_LISTEN: 127.0.0.1:%4$d
        DATA_DIRECTORY: %6$s/data
        LOGS: {MAX_LINES: 100000000, MAX_BYTES: 64 GiB}
        AGENT_RATES: {HEARTBEATS: 1000000, CALLS: 1000000, LOG_BYTES: 100 GiB}
      """;

  private final int agentsPort;
  private final RedisProcess redis;
  private final Process process;
  private final BuildsClient client;
  private final List<ManagedChannel> channels = new ArrayList<>();

  BenchManager(Path folder, Launches launches) throws IOException {
    redis = RedisProcess.durable(RedisServers.program());
    int[] ports = freePorts(4);
    agentsPort = ports[0];
    Path config = folder.resolve("config.yaml");
    Files.writeString(
        config,
        CONFIG.formatted(
            ports[0], ports[1], ports[2], ports[3], redisPort(), folder, launches.executor()));
    process = start(folder, config, launches);
    awaitReady(ports[3], folder.resolve("manager.log"));
    client =
        BuildsClient.open(
            new Endpoint("127.0.0.1", ports[2], false, Optional.empty(), Secret.NONE));
  }

  private int redisPort() {
    return redis.settings().topology() instanceof RedisSettings.Topology.Standalone(var address)
        ? address.port()
        : 0;
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

  /** With the options of the launcher, and those of {@code buildman.bench.java}. */
  private static Process start(Path folder, Path config, Launches launches) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of(System.getProperty("buildman.bench.java", "-Xmx512m").split(" +", -1)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), launches.main()));
    command.addAll(launches.arguments(config));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("manager.log").toFile())
        .start();
  }

  private void awaitReady(int port, Path log) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
              .timeout(Duration.ofSeconds(2))
              .build();
      Awaitility.await("the manager is ready; its log is " + log)
          .atMost(START_LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .failFast("it ended", () -> !process.isAlive())
          .until(() -> answers200(http, ready));
    }
  }

  private static boolean answers200(HttpClient http, HttpRequest request)
      throws InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  long pid() {
    return process.pid();
  }

  Cpu cpu() throws IOException {
    return Cpu.now(process.pid(), redis.pid());
  }

  /** What Redis says of itself; empty when it does not. */
  String redisFact(String section, String name) {
    return redis
        .asks("INFO " + section)
        .lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  BuildsClient client() {
    return client;
  }

  /** Enqueues a build of a repository of its own; its id. */
  String create() {
    String id = UUID.randomUUID().toString();
    BuildSpec spec =
        BuildSpec.newBuilder()
            .setRepository("bench-" + id.charAt(0) + "/app-" + id)
            .setInlineDockerfile("FROM scratch\nLABEL of=bench\n")
            .build();
    CreateBuildRequest request =
        CreateBuildRequest.newBuilder().setBuildId(id).setSpec(spec).build();
    return client.createBuild(request).getBuild().getId();
  }

  /** A new connection to the agents' listener, as each agent has its own. */
  ManagedChannel channel() {
    return NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), agentsPort))
        .usePlaintext()
        .directExecutor()
        .build();
  }

  /** As {@link #channel}, closed with this. */
  ManagedChannel keptChannel() {
    ManagedChannel channel = channel();
    channels.add(channel);
    return channel;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    client.close();
    // Politely: so that a recording of its JVM is written.
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    redis.close();
  }
}
