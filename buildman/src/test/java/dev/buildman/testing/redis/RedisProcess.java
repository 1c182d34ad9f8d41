package dev.buildman.testing.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildman.redis.RedisSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A Redis that is a process of ours, on loopback and a free port, with controls for its failures.
 */
public final class RedisProcess implements RedisServer {
  private static final int SLOTS = 16384;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Path program;
  private final boolean cluster;
  private final Optional<Path> sentinel;
  private final Path folder;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisProcess(Path program, boolean cluster, Map<String, String> options) {
    this(program, cluster, Optional.empty(), options);
  }

  private RedisProcess(Path program, Path sentinel) {
    this(program, false, Optional.of(sentinel), Map.of());
  }

  private RedisProcess(
      Path program, boolean cluster, Optional<Path> sentinel, Map<String, String> options) {
    this.program = program;
    this.cluster = cluster;
    this.sentinel = sentinel;
    try {
      this.folder = Files.createTempDirectory("buildman-redis-");
      this.port = freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.options = new ArrayList<>();
    options.forEach((name, value) -> this.options.addAll(List.of("--" + name, value)));
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    start();
  }

  /** Starts a server without persistence: fast. */
  public static RedisProcess start(Path program) {
    return new RedisProcess(program, false, Map.of("appendonly", "no"));
  }

  /**
   * Starts a server with options of redis.conf; it must answer without TLS and password on its own
   * port.
   */
  public static RedisProcess start(Path program, Map<String, String> options) {
    return new RedisProcess(program, false, options);
  }

  /** A port that was free just now. */
  public static int anyPort() {
    try {
      return freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a server whose data outlive its death. */
  public static RedisProcess durable(Path program) {
    return new RedisProcess(program, false, Map.of("appendonly", "yes"));
  }

  /** Starts a cluster of one node that has all slots. */
  public static RedisProcess cluster(Path program) {
    RedisProcess node =
        new RedisProcess(
            program,
            true,
            Map.of(
                "appendonly", "no", "cluster-enabled", "yes", "cluster-announce-ip", "127.0.0.1"));
    // In parts: an inline command is 64 KiB at most.
    for (int first = 0; first < SLOTS; first += SLOTS / 8) {
      String slots =
          IntStream.range(first, first + SLOTS / 8)
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" "));
      if (!node.inline("CLUSTER ADDSLOTS " + slots).contains("OK")) {
        throw new IllegalStateException("the cluster refuses its slots");
      }
    }
    Awaitility.await("the cluster")
        .atMost(PATIENCE)
        .until(() -> node.inline("CLUSTER INFO").contains("cluster_state:ok"));
    return node;
  }

  /** Starts a replica of another server. */
  public static RedisProcess replicaOf(RedisProcess primary) {
    return new RedisProcess(
        primary.program,
        false,
        Map.of("appendonly", "no", "replicaof", "127.0.0.1 " + primary.port));
  }

  /** Starts a Sentinel that watches a server, alone, and replaces it a second after its death. */
  public static RedisProcess sentinel(RedisProcess primary, String master) {
    Path file;
    try {
      file = Files.createTempFile("buildman-sentinel-", ".conf");
      Files.writeString(
          file,
          String.join(
              "\n",
              "sentinel monitor " + master + " 127.0.0.1 " + primary.port + " 1",
              "sentinel down-after-milliseconds " + master + " 1000",
              "sentinel failover-timeout " + master + " 3000",
              ""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RedisProcess(primary.program, file);
  }

  private static int freePort() throws IOException {
    // The cluster bus wants port + 10000 to exist.
    for (; ; ) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (socket.getLocalPort() < 55_000) {
          return socket.getLocalPort();
        }
      }
    }
  }

  /** Of its present process. */
  public long pid() {
    return process.pid();
  }

  /** Where its data and its log are. */
  public Path folder() {
    return folder;
  }

  /** Starts it, or starts it again with the data that it had. */
  public void start() {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    sentinel.ifPresent(file -> command.add(file.toString()));
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    if (sentinel.isPresent()) {
      command.add("--sentinel");
    } else {
      command.addAll(List.of("--save", "", "--dir", folder.toString()));
    }
    command.addAll(options);
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await("Redis on port " + port)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> inline("PING").contains("PONG"));
  }

  /** {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("Redis does not die");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills it and starts it with the data that it had. */
  public void restart() {
    kill();
    start();
  }

  /** SIGSTOP: connections stay, nothing is answered. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int status =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks it one command in plain words; the beginning of its answer. */
  public String asks(String command) {
    return inline(command);
  }

  /** A field of a hash, asked on a connection of its own; empty: the server has none. */
  public Optional<String> field(String key, String name) {
    List<String> answer = inline("HGET " + key + " " + name).lines().toList();
    return answer.size() == 2 ? Optional.of(answer.get(1)) : Optional.empty();
  }

  /** One inline command on a connection of its own; empty when there is no answer. */
  private String inline(String command) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      socket.setSoTimeout(500);
      socket.getOutputStream().write((command + "\r\n").getBytes(UTF_8));
      byte[] answer = new byte[4096];
      int length = socket.getInputStream().read(answer);
      return new String(answer, 0, Math.max(0, length), UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public RedisSettings settings() {
    RedisSettings.Address address = new RedisSettings.Address("127.0.0.1", port);
    RedisSettings standalone = RedisSettings.standalone(address.host(), address.port());
    return cluster
        ? new RedisSettings(
            new RedisSettings.Topology.Cluster(List.of(address)),
            standalone.login(),
            standalone.tls(),
            0,
            standalone.behaviour())
        : standalone;
  }

  @Override
  public String describe() {
    return program + (cluster ? " as a cluster" : "") + " on port " + port;
  }

  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // Temporary files: the next start of the machine removes them.
      return;
    }
  }
}
