package dev.buildman.executor.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.testing.containers.ContainerDaemon;
import dev.buildman.testing.containers.ShellImage;
import dev.buildman.testing.tools.RequiresTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresTool(value = "dockerd", debianPackage = "docker.io")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class DockerExecutorIT extends ContainerExecutorContract {
  @TempDir private static Path folder;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws Exception {
    // Containers outlive a daemon that is killed: also those of a machine's own update.
    daemon = ContainerDaemon.docker(folder, "--live-restore");
    ShellImage.make(daemon, folder, IMAGE);
  }

  @AfterAll
  static void endDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  ContainerDaemon daemon() {
    return daemon;
  }

  @Test
  void aWorkerThatIsKilledForItsMemoryIsToldAsThat() {
    try (DockerExecutor small = open(OTHER, "MEMORY_LIMIT: 24m\n");
        var watch = small.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRequest request =
          request("dd if=/dev/zero of=/dev/null bs=200M count=1; exit $?", OTHER);
      started(small, request);
      assertThat(toldExit(request.name()).how().outOfMemory()).isTrue();
    }
  }

  @Test
  void aWorkerLivesOnWhileItsDaemonIsAwayAndItsEndIsToldAfterwards() throws Exception {
    WorkerRequest request = request("sleep 3; exit 6");
    WorkerRef worker = started(request);
    daemon.kill();

    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Unknown.class);
    assertThat(executor.start(request("exit 0")))
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(FailureClass.UNREACHABLE);
              assertThat(nothing.sentence()).contains("did not answer").contains("DOCKER_HOST");
            });
    daemon.restart();

    assertThat(toldExit(request.name()).how().status()).hasValue(6);
    await().until(() -> executor.confirmGone(worker) instanceof Presence.Gone);
  }

  @Test
  void theVolumesOfAWorkerSayWhoseTheyAreAndGoWithIt() throws Exception {
    WorkerRequest request = request("sleep 60");
    WorkerRef worker = started(request);
    String its = "label=buildman.dev/build=" + request.attempt().build();

    assertThat(volumes(its)).hasSize(3);
    executor.stop(worker);
    assertGone(executor, worker);
    await().untilAsserted(() -> assertThat(volumes(its)).isEmpty());
  }

  /** A daemon died while it made or removed a container. */
  @Test
  void volumesThatAreLeftAreRemovedWhenNothingHasUsedThemForAMinute() throws Exception {
    String ours = volume(OURS, "docker");
    String others = volume(OTHER, "docker");
    String anothers = volume(OURS, "another");
    started(request("sleep 60"));
    AtomicLong nanos = new AtomicLong();
    try (Daemon client = new Daemon(settings("DOCKER_HOST: " + daemon.host()).access())) {
      ContainerLabels labels =
          new ContainerLabels(new ExecutorName("docker"), OURS, Optional.empty());
      LeftVolumes left = new LeftVolumes(client, labels, nanos::get);
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      left.runOnce();
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      left.runOnce();
      assertThat(volumes("dangling=true")).contains(ours, others, anothers);

      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      left.runOnce();
    }
    assertThat(volumes("dangling=true")).contains(others, anothers).doesNotContain(ours);
    assertThat(volumes("dangling=false")).hasSize(3);
    daemon.client("volume", "rm", others, anothers);
  }

  /** Else workers would count as not seen for what has nothing to do with them. */
  @Test
  void aDaemonThatDoesNotListItsVolumesIsLeftInPeace() throws Exception {
    AtomicLong nanos = new AtomicLong();
    try (Daemon client = new Daemon(settings("DOCKER_HOST: unix:///no/such/socket").access())) {
      ContainerLabels labels =
          new ContainerLabels(new ExecutorName("docker"), OURS, Optional.empty());
      LeftVolumes left = new LeftVolumes(client, labels, nanos::get);
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());

      assertThatCode(left::runOnce).doesNotThrowAnyException();
    }
  }

  private static String volume(Installation installation, String executor) throws Exception {
    return daemon
        .client(
            "volume",
            "create",
            "--label",
            "buildman.dev/installation=" + installation.id(),
            "--label",
            "buildman.dev/executor=" + executor)
        .strip();
  }

  private static List<String> volumes(String filter) throws Exception {
    return daemon.client("volume", "ls", "-q", "--filter", filter).lines().toList();
  }

  @Test
  void theDaemonsOwnIdIsTheHostOfItsWorkers() {
    HostId manager = new HostId("manager");
    DockerSettings here = settings("DOCKER_HOST: " + daemon.host());
    HostId host = new DaemonHost(here, manager).get();

    assertThat(host.value()).startsWith("docker-");
    assertThat(new DaemonHost(here, new HostId("other")).get()).isEqualTo(host);
    DaemonHost away = new DaemonHost(settings("DOCKER_HOST: unix:///no/such/socket"), manager);
    away.ask();
    assertThat(away.isKnown()).isFalse();
    assertThat(away.now()).isEqualTo(manager);
  }

  /** Launched under the manager's host it would be nobody's after the manager's next start. */
  @Test
  void aDaemonThatWasAwayGetsNoWorkerBeforeItHasToldWhoItIs() throws Exception {
    daemon.kill();
    try (Executor early = open(OTHER)) {
      assertThat(early.host()).contains(HOST);
      assertUnreachable(early.start(request("sleep 60", OTHER)), "did not answer");
      daemon.restart();

      // The intent of this launch was recorded with the host that was known before it.
      assertUnreachable(early.start(request("sleep 60", OTHER)), "was away when this manager");
      assertThat(early.host().orElseThrow().value()).startsWith("docker-");
      WorkerRef worker = started(early, request("sleep 60", OTHER));
      assertThat(worker.id().orElseThrow().value())
          .startsWith(early.host().orElseThrow().value() + "/");
    }
  }

  /** What was launched before is seen again as soon as the daemon has told. */
  @Test
  void theWorkersOfADaemonThatWasAwayAreAdoptedWhenItIsBack() throws Exception {
    WorkerRequest request = request("sleep 60", OTHER);
    WorkerRef worker;
    try (Executor before = open(OTHER)) {
      worker = started(before, request);
    }
    daemon.kill();
    try (Executor early = open(OTHER);
        Watch watch = early.watch(events::add)) {
      assertThat(watch).isNotNull();
      assertThat(early.confirmGone(worker)).isInstanceOf(Presence.Unknown.class);
      daemon.restart();

      await().until(() -> !early.host().equals(Optional.of(HOST)));
      assertThat(early.confirmGone(worker)).isInstanceOf(Presence.Present.class);
      assertThat(early.stop(worker)).isInstanceOf(StopResult.Asked.class);
      await().until(() -> early.confirmGone(worker) instanceof Presence.Gone);
    }
  }

  private static void assertUnreachable(LaunchResult result, String words) {
    assertThat(result)
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(FailureClass.UNREACHABLE);
              assertThat(nothing.sentence()).contains(words);
            });
  }

  @Test
  void anUnreachableDaemonIsNamedWithItsCure() {
    try (DockerExecutor away =
        open(OTHER, settings("DOCKER_HOST: tcp://127.0.0.1:9"), Duration.ofSeconds(1))) {
      assertThat(away.host()).isEmpty();
      assertThat(away.start(request("exit 0", OTHER)))
          .isInstanceOfSatisfying(
              LaunchResult.SurelyNothing.class,
              nothing -> {
                assertThat(nothing.failure()).isEqualTo(FailureClass.UNREACHABLE);
                assertThat(nothing.sentence()).contains("tcp://127.0.0.1:9").contains("refused");
              });
    }
  }
}
