package dev.buildman.e2e;

import dev.buildman.testing.quay.QuayPlan;
import dev.buildman.testing.quay.SimulatedQuayBuilder;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Quay's workers, end to end: what popen starts is a small process that lives as long as the worker
 * does, and speaks through a simulated one in this JVM, which has the process's token and gives it
 * its exit status.
 */
final class QuayWorkers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QuayWorkers.class);
  private static final long LOOK_MILLIS = 50;

  /** More often than the real one, and far below what a manager takes of one stream. */
  private static final Duration BEAT = Duration.ofMillis(500);

  private final Path desk;
  private final Path program;
  private final Map<String, SimulatedQuayBuilder> workers = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  QuayWorkers(Path folder) throws IOException {
    desk = Files.createDirectory(folder.resolve("quay-workers"));
    program =
        Files.writeString(
            folder.resolve("quay-builder"),
            """
            #!/bin/sh
            here="%s/$BUILD_UUID"
            rm -f "$here.exit"
            printf '%%s %%s' "$SERVER" "$TOKEN" >"$here.writing"
            mv "$here.writing" "$here.came"
            until [ -s "$here.exit" ]; do sleep 0.1; done
            exit "$(cat "$here.exit")"
            """
                .formatted(desk));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    thread = Thread.ofPlatform().name("quay-workers").start(this::run);
  }

  /** Where a configuration file names it. */
  String program() {
    return program.toString();
  }

  /** The worker of a build; it must have come. */
  SimulatedQuayBuilder worker(String build) {
    SimulatedQuayBuilder worker = workers.get(build);
    if (worker == null) {
      throw new IllegalStateException("no worker of Quay's came for build " + build);
    }
    return worker;
  }

  private void run() {
    try {
      while (!closed) {
        try (Stream<Path> files = Files.list(desk)) {
          for (Path came : files.filter(file -> file.toString().endsWith(".came")).toList()) {
            begin(came);
          }
        }
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (IOException | InterruptedException e) {
      log.debug("no more workers: {}", e.toString());
    }
  }

  private void begin(Path came) throws IOException {
    List<String> words = List.of(Files.readString(came).split(" "));
    String build = came.getFileName().toString().replace(".came", "");
    Files.delete(came);
    QuayPlan plan =
        QuayPlan.smooth(() -> channel(words.get(0)), words.get(1))
            .printing(20)
            .beating(BEAT)
            .holdBuilding();
    SimulatedQuayBuilder worker = SimulatedQuayBuilder.start(plan);
    workers.put(build, worker);
    Thread.ofVirtual().name("quay-exit-" + build).start(() -> exit(build, worker.exit().join()));
  }

  private static ManagedChannel channel(String server) {
    return Grpc.newChannelBuilder(server, InsecureChannelCredentials.create()).build();
  }

  private void exit(String build, int status) {
    try {
      Path written = Files.writeString(desk.resolve(build + ".status"), Integer.toString(status));
      Files.move(written, desk.resolve(build + ".exit"));
    } catch (IOException e) {
      log.warn("a worker's exit could not be told: build={}", build, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    workers.values().forEach(SimulatedQuayBuilder::close);
  }
}
