package dev.buildman.executor.docker;

import static dev.buildman.executor.docker.ContainerExecutorContract.IMAGE;
import static dev.buildman.executor.docker.ContainerExecutorContract.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;
import dev.buildman.testing.containers.ContainerDaemon;
import dev.buildman.testing.containers.ShellImage;
import dev.buildman.testing.redis.RedisProcess;
import dev.buildman.testing.tls.TestCertificate;
import dev.buildman.testing.tools.RequiresTool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon of another machine: known by its certificate, and knowing its clients by theirs. */
@RequiresTool(value = "dockerd", debianPackage = "docker.io")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class DockerOverTheNetworkIT {
  private static final Installation INSTALLATION = new Installation("0123456789ab", "state-1");

  @TempDir private static Path folder;
  private static TestCertificate certificate;
  private static ContainerDaemon daemon;
  private static int port;

  @BeforeAll
  static void startDaemon() throws Exception {
    certificate = TestCertificate.in(Files.createDirectories(folder.resolve("tls")));
    port = RedisProcess.anyPort();
    daemon =
        ContainerDaemon.docker(
            folder,
            "--host=tcp://127.0.0.1:" + port,
            "--tlsverify",
            "--tlscacert=" + certificate.certificate(),
            "--tlscert=" + certificate.certificate(),
            "--tlskey=" + certificate.key());
    ShellImage.make(daemon, folder, IMAGE);
  }

  @AfterAll
  static void endDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Test
  void workersRunOnADaemonThatIsReachedOverTls() {
    try (DockerExecutor executor = open(withTls(certificate, certificate))) {
      assertThat(executor.check()).isEmpty();
      assertThat(executor.host()).as("every manager sees its workers").isEmpty();
      WorkerRequest request = request();
      LaunchResult launched = executor.start(request);
      assertThat(launched).isInstanceOf(LaunchResult.Started.class);
      WorkerRef worker =
          WorkerRef.of(request.name(), ((LaunchResult.Started) launched).execution());
      assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
      assertThat(executor.stop(worker)).isInstanceOf(StopResult.Asked.class);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> executor.confirmGone(worker) instanceof Presence.Gone);
    }
  }

  @Test
  void whoHasAnotherCertificateThanTheDaemonKnowsIsTold() throws Exception {
    TestCertificate other = TestCertificate.in(Files.createDirectories(folder.resolve("other")));
    try (DockerExecutor stranger = open(withTls(certificate, other))) {
      assertThat(stranger.check())
          .singleElement()
          .asString()
          .contains("tcp://127.0.0.1:" + port, "did not answer");
      assertThat(stranger.start(request())).isInstanceOf(LaunchResult.SurelyNothing.class);
    }
    try (DockerExecutor credulous = open(withTls(other, certificate))) {
      assertThat(credulous.check())
          .singleElement()
          .asString()
          .contains("tcp://127.0.0.1:" + port, "did not answer");
    }
  }

  @Test
  void whoSpeaksPlainlyToADaemonWithTlsIsTold() {
    try (DockerExecutor plain = open("")) {
      assertThat(plain.check()).singleElement().asString().contains("tcp://127.0.0.1:" + port);
    }
  }

  /** No such daemon can be installed any more: what it says of itself is all that is asked. */
  @Test
  void aDaemonOfATooOldVersionIsNamedAndGetsNoWorker() throws Exception {
    HttpServer old =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] version =
        "{\"Version\":\"18.06.3-ce\",\"ApiVersion\":\"1.38\"}".getBytes(StandardCharsets.UTF_8);
    old.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, version.length);
          exchange.getResponseBody().write(version);
          exchange.close();
        });
    old.start();
    try (DockerExecutor executor = open(old.getAddress().getPort(), "")) {
      assertThat(executor.check())
          .singleElement()
          .asString()
          .contains("is too old", "18.06.3-ce", "1.38", "1.40", "Docker 19.03");
      assertThat(executor.start(request()))
          .isInstanceOfSatisfying(
              LaunchResult.SurelyNothing.class,
              nothing -> assertThat(nothing.failure()).isEqualTo(FailureClass.REFUSED));
    } finally {
      old.stop(0);
    }
  }

  private static String withTls(TestCertificate authority, TestCertificate own) {
    return "DOCKER_TLS_CA: %s\nDOCKER_TLS_CERT: %s\nDOCKER_TLS_KEY: %s\n"
        .formatted(authority.certificate(), own.certificate(), own.key());
  }

  private static WorkerRequest request() {
    return ExecutorContract.request("sleep 60", INSTALLATION);
  }

  private static DockerExecutor open(String more) {
    return open(port, more);
  }

  private static DockerExecutor open(int at, String more) {
    return ContainerExecutorContract.open(
        INSTALLATION,
        settings(
            "DOCKER_HOST: tcp://127.0.0.1:%d\nWORKER_IMAGE: %s\n%s".formatted(at, IMAGE, more)),
        Duration.ofSeconds(1));
  }
}
