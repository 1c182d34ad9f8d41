package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.client.Endpoint;
import dev.buildman.config.ConfigReader;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Limits;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.redis.RedisSettings;
import dev.buildman.redis.RedisSettings.Topology;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The manager as it is wired, with a worker that does nothing. */
@RedisTest
final class BuildmanIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private int clients;
  private int metrics;

  @BeforeEach
  void agent() throws IOException {
    Path agent = Files.writeString(folder.resolve("agent"), "#!/bin/sh\nexec sleep 300\n");
    Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwxr-xr-x"));
    clients = freePort();
    metrics = freePort();
  }

  @Test
  void aBuildGetsAWorkerAndACancelTakesItAway(TestRedis redis) throws Exception {
    try (Buildman manager = Buildman.start(settings(redis, "", ""));
        BuildsClient client = client(Secret.NONE)) {
      assertThat(readyz()).isEqualTo("ok\n");
      Build build = create(client);
      await().atMost(LIMIT).until(() -> phase(client, build) == Phase.PHASE_BUILD_SCHEDULED);
      assertThat(client.getStatus().getExecutors(0).getName()).isEqualTo("popen");
      await().atMost(LIMIT).until(() -> workers() == 1);
      client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(build.getId()).build());
      await().atMost(LIMIT).until(() -> workers() == 0);
      manager.drain();
      assertThat(readyz()).contains("draining: this manager ends");
    }
    assertThat(freeAgain()).isTrue();
  }

  @Test
  void aRaisedCapacityTakesEffectWithoutARestart(TestRedis redis) throws Exception {
    try (Buildman manager = Buildman.start(settings(redis, "ALLOWED_WORKER_COUNT: 0", ""));
        BuildsClient client = client(Secret.NONE)) {
      Build build = create(client);
      assertThat(phase(client, build)).isEqualTo(Phase.PHASE_WAITING);
      manager.apply(
          new Reloadable(new Limits.Capacity(1, 1, 0, 10), List.of(), Reloadable.Level.INFO));
      await().atMost(LIMIT).until(() -> phase(client, build) == Phase.PHASE_BUILD_SCHEDULED);
      client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(build.getId()).build());
      await().atMost(LIMIT).until(() -> workers() == 0);
    }
  }

  @Test
  void changedApiTokensAreAskedForAtOnce(TestRedis redis) throws Exception {
    Secret old = Secret.of("the-first-token-of-all");
    Secret fresh = Secret.of("the-second-token-of-all");
    Settings settings = settings(redis, "", "API_TOKEN: " + old.reveal());
    try (Buildman manager = Buildman.start(settings);
        BuildsClient before = client(old);
        BuildsClient after = client(fresh)) {
      assertThat(before.getStatus().getExecutorsCount()).isOne();
      assertThatThrownBy(after::getStatus).isInstanceOf(CallFailed.class);
      manager.apply(
          new Reloadable(
              settings.work().limits().capacity(), List.of(fresh), Reloadable.Level.INFO));
      assertThat(after.getStatus().getExecutorsCount()).isOne();
      assertThatThrownBy(before::getStatus).isInstanceOf(CallFailed.class);
    }
  }

  @Test
  void anIdleManagerServesHealthAlone() throws Exception {
    Settings settings = read("FEATURE_BUILD_SUPPORT: false\nBUILDMAN:\n" + listeners());
    try (Buildman manager = Buildman.start(settings)) {
      assertThat(readyz()).isEqualTo("ok\n");
      assertThat(isFree(clients)).isTrue();
      manager.drain();
    }
  }

  @Test
  void whileRedisCannotBeReachedItWaitsAndHealthSaysSo() throws Exception {
    Settings settings = read(text("127.0.0.1", freePort(), "", "none", "", ""));
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread starting =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (Buildman manager = Buildman.start(settings)) {
                    end.set(new AssertionError("started without Redis: " + manager));
                  } catch (IOException | InterruptedException | RuntimeException e) {
                    end.set(e);
                  }
                });
    await().atMost(LIMIT).ignoreExceptions().until(() -> readyz().contains("waiting for Redis"));
    starting.interrupt();
    assertThat(starting.join(LIMIT)).isTrue();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
    assertThat(isFree(metrics)).isTrue();
  }

  @Test
  void aRedisThatThrowsKeysAwayIsRefusedInPlainWords(OwnRedis redis) throws Exception {
    redis.raw().configSet("maxmemory-policy", "allkeys-lru");
    Settings settings = settings(redis, "", "");
    assertThatThrownBy(() -> Buildman.start(settings))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("builds would vanish");
    assertThat(isFree(metrics)).isTrue();
  }

  private Settings settings(TestRedis redis, String manager, String ours) throws IOException {
    RedisSettings at = redis.settings();
    Topology.Standalone server = (Topology.Standalone) at.topology();
    return read(
        text(
            server.server().host(),
            server.server().port(),
            at.login().password(),
            redis.prefix(),
            manager,
            ours));
  }

  private String text(
      String host, int port, String password, String prefix, String manager, String ours)
      throws IOException {
    return """
    SECRET_KEY: a-secret-that-is-long-enough
    SERVER_HOSTNAME: 127.0.0.1:5000
    BUILD_MANAGER:
    - ephemeral
    - ORCHESTRATOR_PREFIX: %s
      ORCHESTRATOR: {REDIS_HOST: %s, REDIS_PORT: %d, REDIS_PASSWORD: "%s"}
      EXECUTORS:
      - {EXECUTOR: popen, AGENT: ours}
      %s
    BUILDMAN:
      %s
    """
            .formatted(prefix, host, port, password, manager, ours)
        + listeners();
  }

  private String listeners() throws IOException {
    return """
      DATA_DIRECTORY: %s
      AGENTS_LISTEN: 127.0.0.1:%d
      AGENTS_HTTP_LISTEN: 127.0.0.1:%d
      CLIENTS_LISTEN: 127.0.0.1:%d
      METRICS_LISTEN: 127.0.0.1:%d
      DRAIN_TIMEOUT: 1s
    """
        .indent(2)
        .formatted(folder, freePort(), freePort(), clients, metrics)
        .replaceAll("(?m)^ +", "  ");
  }

  private Settings read(String text) {
    Places places = new Places(folder.resolve("agent"), folder);
    return new ConfigReader(Map.of())
        .readText("c.yaml", text, folder, top -> Settings.parse(top, places))
        .orThrow();
  }

  private BuildsClient client(Secret token) throws IOException {
    return BuildsClient.open(new Endpoint("127.0.0.1", clients, false, Optional.empty(), token));
  }

  private static Build create(BuildsClient client) {
    return client
        .createBuild(
            CreateBuildRequest.newBuilder()
                .setSpec(
                    BuildSpec.newBuilder()
                        .setRepository("me/app")
                        .setInlineDockerfile("FROM scratch\n"))
                .build())
        .getBuild();
  }

  private static Phase phase(BuildsClient client, Build build) {
    return client.getBuild(build.getId()).getPhase();
  }

  /** Processes of this test's agent. */
  private long workers() {
    Path workers = folder.resolve("workers");
    return ProcessHandle.allProcesses()
        .filter(process -> mentions(process, workers))
        .filter(ProcessHandle::isAlive)
        .count();
  }

  private static boolean mentions(ProcessHandle process, Path workers) {
    try {
      Path proc = Path.of("/proc", Long.toString(process.pid()));
      return Files.readString(proc.resolve("comm")).strip().equals("sleep")
          && Files.readString(proc.resolve("environ")).contains(workers.toString());
    } catch (IOException e) {
      return false;
    }
  }

  private String readyz() throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metrics + "/readyz")).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }

  private boolean freeAgain() {
    return isFree(clients) && isFree(metrics);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
