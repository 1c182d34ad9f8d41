package dev.buildman.executor.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.config.ConfigReader;
import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.model.WorkerExit;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.containers.ContainerDaemon;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the executor must do with the daemons of Docker and of Podman alike. */
abstract class ContainerExecutorContract extends ExecutorContract {
  static final String IMAGE = "localhost/buildman-test/agent:1";
  static final HostId HOST = new HostId("test-host");
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** Runs for all tests of a class. */
  abstract ContainerDaemon daemon();

  @Override
  protected Executor open(Installation installation) {
    return open(installation, "");
  }

  DockerExecutor open(Installation installation, String more) {
    return open(installation, more, IMAGE);
  }

  /** As a manager makes it at its start, whose own host is {@link #HOST}. */
  static DockerExecutor open(Installation installation, DockerSettings settings, Duration grace) {
    DaemonHost host = new DaemonHost(settings, HOST);
    host.ask();
    return new DockerExecutor(
        settings, installation, host, Ticker.system(), InstantSource.system(), grace);
  }

  static DockerSettings settings(String lines) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + ("EXECUTOR: docker\nAGENT: ours\n" + lines).indent(2),
            Path.of("/"),
            top -> DockerSettings.parse(top.section("E"), "1.0"))
        .orThrow();
  }

  @Test
  void theTokenIsAFileThatTheContainersDescriptionDoesNotShow() throws Exception {
    WorkerRequest request = request("ls -l $TOKEN_FILE; sleep 60");
    started(request);

    assertThat(daemon().client("inspect", request.name().value()))
        .contains("TOKEN_FILE=/run/buildman/token")
        .doesNotContain("canary");
  }

  @Test
  void theAgentMayDoLittleAndWriteOnlyToItsWorkFolder() {
    WorkerRequest request =
        request(
            "id -u; touch /nowhere || echo read-only; touch $TMPDIR/a /tmp/b && echo writable;"
                + " exit 1");
    started(request);

    assertThat(toldExit(request.name()).lastLines()).contains("1000", "read-only", "writable");
  }

  @Test
  void theVolumesOfAContainerGoWithIt() throws Exception {
    WorkerRef worker = started(request("exit 0"));
    assertThat(daemon().client("volume", "ls", "-q")).isNotEmpty();
    assertGone(executor, worker);
    executor.stop(worker);
    await().untilAsserted(() -> assertThat(daemon().client("volume", "ls", "-q")).isEmpty());
  }

  @Test
  void aContainerThatIsRemovedByHandHasEnded() throws Exception {
    WorkerRequest request = request("sleep 60");
    WorkerRef worker = started(request);

    daemon().client("rm", "-f", request.name().value());

    assertThat(toldExit(request.name()).how())
        .isIn(WorkerExit.bySignal(9), WorkerExit.bySignal(15), WorkerExit.unknown());
    assertGone(executor, worker);
  }

  @Test
  void aContainerThatWasOnlyMadeIsPresentUntilItIsStopped() throws Exception {
    // The manager died between the two calls: nobody starts it any more.
    WorkerRequest request = request("exit 0");
    try (Daemon client = new Daemon(settings("DOCKER_HOST: " + daemon().host()).access())) {
      DockerSettings settings = settings("WORKER_IMAGE: " + IMAGE);
      ContainerLabels labels =
          new ContainerLabels(
              settings.common().name(), OURS, Optional.of(new DaemonHost(settings, HOST)));
      new WorkerSpec(settings, labels)
          .fill(client.calls().createContainerCmd(IMAGE), request)
          .exec();
    }
    WorkerRef worker = WorkerRef.of(request.name());

    assertThat(executor.start(request)).isInstanceOf(LaunchResult.Unknown.class);
    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    assertThat(listed(executor)).hasSize(1);
    assertThat(executor.stop(worker)).isInstanceOf(StopResult.Asked.class);
    assertGone(executor, worker);
  }

  @Test
  void aWorkerOfAnotherHostsDaemonIsUnknownHere() {
    WorkerRef elsewhere =
        WorkerRef.of(request("exit 0").name(), new ExecutionId("other/0123456789ab"));

    assertThat(executor.confirmGone(elsewhere)).isInstanceOf(Presence.Unknown.class);
    assertThat(executor.stop(elsewhere)).isInstanceOf(StopResult.Failed.class);
  }

  @Test
  void aFailedWorkerIsKeptForAWhileWhereSomebodyDebugs() {
    try (DockerExecutor debugging = open(OTHER, "DEBUG: true\n")) {
      WorkerRef failed = started(debugging, request("exit 3", OTHER));
      WorkerRef fine = started(debugging, request("exit 0", OTHER));
      assertGone(debugging, failed);
      assertGone(debugging, fine);
      debugging.stop(failed);
      debugging.stop(fine);

      assertThat(debugging.confirmGone(failed))
          .isInstanceOfSatisfying(
              Presence.Gone.class,
              gone -> assertThat(gone.exit().how()).isEqualTo(WorkerExit.withStatus(3)));
      assertThat(debugging.confirmGone(fine)).isEqualTo(gone());
      assertThat(listed(debugging)).as("takes no place").isEmpty();
    }
  }

  private static Presence gone() {
    return new Presence.Gone(Exit.unknown());
  }

  @Test
  void anImageThatIsNotThereAndCannotBePulledClosesTheExecutorWithTheReason() {
    // No registry listens there; the launch itself waits for nothing.
    try (DockerExecutor closed = open(OTHER, "WORKER_TAG: none\nPULL: never\n", "127.0.0.1:9/a")) {
      assertNothing(closed, "127.0.0.1:9/a:none", "PULL is never");
    }
    try (DockerExecutor pulling = open(OTHER, "WORKER_TAG: none\n", "127.0.0.1:9/a")) {
      assertNothing(pulling, "127.0.0.1:9/a:none", "is being pulled");
      await().untilAsserted(() -> assertNothing(pulling, "could not be pulled", "refused"));
    }
  }

  private DockerExecutor open(Installation installation, String more, String image) {
    return open(
        installation,
        settings("DOCKER_HOST: " + daemon().host() + "\nWORKER_IMAGE: " + image + "\n" + more),
        GRACE);
  }

  @Test
  void aNetworkThatDoesNotExistIsNamedAndNothingIsLeft() {
    try (DockerExecutor wrong = open(OTHER, "NETWORK: no-such-network\n")) {
      assertNothing(wrong, "no-such-network", "");
      assertThat(listed(wrong)).isEmpty();
    }
  }

  static void assertNothing(Executor executor, String part, String otherPart) {
    assertThat(executor.start(request("exit 0", OTHER)))
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(FailureClass.REFUSED);
              assertThat(nothing.sentence()).contains(part).contains(otherPart);
            });
  }
}
