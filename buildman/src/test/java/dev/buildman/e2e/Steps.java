package dev.buildman.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.client.BuildsClient;
import dev.buildman.model.BuildId;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Phase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * Builds that a test can hold in each of an agent's phases: the source, the base image, a file that
 * is added and the registry each lie behind a gate.
 */
final class Steps implements AutoCloseable {
  /** Where the embedded engine's agent stands before a shut gate. */
  enum Hold {
    UNPACKING(Phase.PHASE_UNPACKING),
    PULLING(Phase.PHASE_PULLING),
    BUILDING(Phase.PHASE_BUILDING),
    PUSHING(Phase.PHASE_PUSHING);

    private final Phase phase;

    Hold(Phase phase) {
      this.phase = phase;
    }

    Phase phase() {
      return phase;
    }
  }

  /** Of the log on either side of the gate in {@code building}. */
  private static final int LINES = 20;

  private static final Duration DRIP = Duration.ofSeconds(2);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer files;
  private final Map<Hold, Gate> gates;

  Steps(Site site) throws IOException {
    files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int port = files.getAddress().getPort();
    gates =
        Map.of(
            Hold.UNPACKING, new Gate(port),
            Hold.PULLING, new Gate(site.registryPort()),
            Hold.BUILDING, new Gate(port),
            Hold.PUSHING, new Gate(site.registryPort()));
    serve("/added.txt", "text/html", "added\n".getBytes(StandardCharsets.UTF_8));
    serve("/source.tar.gz", "application/gzip", source());
    files.createContext("/slow.txt", this::serveSlowly);
    files.setExecutor(threads);
    files.start();
  }

  Gate gate(Hold hold) {
    return gates.get(hold);
  }

  /** The registry that the builds push to, as its clients name it. */
  String registry() {
    return gate(Hold.PUSHING).address();
  }

  /** Enqueues builds of nothing but a label, each of a repository of its own; their ids. */
  static List<String> enqueueSmall(BuildsClient client, Site site, int count) {
    List<String> builds = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      BuildSpec spec =
          BuildSpec.newBuilder()
              .setRepository("acme/app" + n)
              .setRegistry(site.registry())
              .addTags("latest")
              .setInlineDockerfile("FROM scratch\nLABEL n=" + n + "\n")
              .build();
      builds.add(enqueue(client, spec).getId());
    }
    return builds;
  }

  /** Pushes the base image that all the builds are from; needs a manager. */
  void pushBase(BuildsClient client) throws InterruptedException {
    BuildSpec base =
        BuildSpec.newBuilder()
            .setRepository("lib/base")
            .setRegistry(gate(Hold.PULLING).address())
            .addTags("1")
            .setInlineDockerfile("FROM scratch\nENV BASE=yes\n")
            .build();
    Build ended = Watching.toTheEnd(client, enqueue(client, base));
    if (ended.getPhase() != Phase.PHASE_COMPLETE) {
      throw new IllegalStateException("the base image was not built: " + ended);
    }
  }

  /** Enqueues a build that passes all gates. */
  Build enqueue(BuildsClient client, String repository) {
    return enqueue(client, newId(), spec(repository));
  }

  /** A build that passes all gates. */
  BuildSpec spec(String repository) {
    return BuildSpec.newBuilder()
        .setRepository(repository)
        .setRegistry(registry())
        .addTags("latest")
        .setPackageUrl("http://" + gate(Hold.UNPACKING).address() + "/source.tar.gz")
        .build();
  }

  /**
   * A build that stays in {@code building} for as long as that gate is shut, however long: a file
   * that it adds goes on to come.
   */
  BuildSpec patientSpec(String repository) {
    return BuildSpec.newBuilder()
        .setRepository(repository)
        .setRegistry(registry())
        .addTags("latest")
        .setInlineDockerfile(
            "FROM scratch\nADD http://127.0.0.1:%d/slow.txt /slow.txt\n"
                .formatted(files.getAddress().getPort()))
        .build();
  }

  static Build enqueue(BuildsClient client, BuildSpec spec) {
    return enqueue(client, newId(), spec);
  }

  /** Enqueues a build under an id that is known before. */
  static Build enqueue(BuildsClient client, String id, BuildSpec spec) {
    return client
        .createBuild(CreateBuildRequest.newBuilder().setBuildId(id).setSpec(spec).build())
        .getBuild();
  }

  static String newId() {
    return BuildId.random().value();
  }

  private byte[] source() throws IOException {
    StringBuilder dockerfile = new StringBuilder("FROM %s/lib/base:1\n");
    IntStream.range(0, LINES).forEach(n -> dockerfile.append("LABEL before=" + n + "\n"));
    dockerfile.append("ADD http://%s/added.txt /added.txt\nCOPY hello.txt /\n");
    IntStream.range(0, LINES).forEach(n -> dockerfile.append("LABEL after=" + n + "\n"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      add(
          tar,
          "Dockerfile",
          dockerfile
              .toString()
              .formatted(gate(Hold.PULLING).address(), gate(Hold.BUILDING).address()));
      add(tar, "hello.txt", "hello\n");
    }
    return bytes.toByteArray();
  }

  private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private void serveSlowly(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      do {
        body.write('.');
        body.flush();
      } while (!gate(Hold.BUILDING).awaitOpen(DRIP));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(String path, String type, byte[] content) {
    files.createContext(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", type);
          boolean head = exchange.getRequestMethod().equals("HEAD");
          exchange.sendResponseHeaders(200, head ? -1 : content.length);
          if (!head) {
            exchange.getResponseBody().write(content);
          }
          exchange.close();
        });
  }

  @Override
  public void close() throws IOException {
    for (Gate gate : List.copyOf(gates.values())) {
      gate.close();
    }
    files.stop(0);
    threads.shutdownNow();
  }
}
