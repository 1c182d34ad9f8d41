package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;
import dev.buildman.model.Reason;
import dev.buildman.model.WorkerExit;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.Faults.Fault;
import dev.buildman.testing.kubernetes.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesExecutorIT extends ExecutorContract {
  @TempDir private Path folder;
  private TestCluster cluster;
  private ObjectStore store;
  private FakeApiServer server;

  @Override
  protected Executor open(Installation installation) {
    return new KubernetesExecutor(
        cluster.agents(""),
        installation,
        Ticker.system(),
        InstantSource.system(),
        Duration.ofSeconds(1));
  }

  @Override
  protected void begin() throws IOException {
    cluster = new TestCluster(folder);
    store = cluster.store;
    server = cluster.server;
  }

  @Override
  protected void end() {
    cluster.close();
  }

  @Test
  void theTokenTravelsInASecretThatItsJobOwns() {
    WorkerRequest request = request("sleep 60");
    started(request);

    JsonNode secret = store.get("secrets", request.name().value()).orElseThrow();
    JsonNode job = store.get("jobs", request.name().value()).orElseThrow();
    assertThat(secret.at("/metadata/ownerReferences/0/uid").asText())
        .isEqualTo(job.at("/metadata/uid").asText());
    assertThat(job.toString()).doesNotContain("canary");

    executor.stop(WorkerRef.of(request.name()));
    await().untilAsserted(() -> assertThat(store.get("secrets", request.name().value())).isEmpty());
  }

  @Test
  void aJobWithoutItsSecretIsTakenBack() {
    server.next(
        "POST secrets", Fault.refuse(403, "secrets is forbidden: User \"m\" cannot create"));
    WorkerRequest request = request("sleep 60");

    LaunchResult result = executor.start(request);

    assertThat(result)
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(FailureClass.REFUSED);
              assertThat(nothing.sentence()).contains("Secret").contains("cannot create");
            });
    assertThat(store.get("jobs", request.name().value())).isEmpty();
  }

  @Test
  void aLaunchWhoseAnswerWasLostIsUnknownAndAdoptedWhenItIsAskedAgain() {
    // K19: the name is the same, so that the second request finds what the first one made.
    server.next("POST jobs", Fault.cut(true));
    WorkerRequest request = request("sleep 60");

    assertThat(executor.start(request)).isInstanceOf(LaunchResult.Unknown.class);
    assertThat(executor.start(request)).isInstanceOf(LaunchResult.Started.class);
    assertThat(listed(executor)).hasSize(1);
    await()
        .untilAsserted(
            () ->
                assertThat(executor.confirmGone(WorkerRef.of(request.name())))
                    .isInstanceOf(Presence.Present.class));
  }

  @Test
  void aPodThatIsBeingDeletedIsNotGone() {
    WorkerRequest request = request("trap '' TERM; while :; do sleep 0.05; done");
    WorkerRef worker = started(request);
    await()
        .until(
            () ->
                store
                    .get("pods", request.name().value() + "-pod01")
                    .filter(pod -> pod.at("/status/phase").asText().equals("Running"))
                    .isPresent());

    executor.stop(worker);

    assertThat(store.get("jobs", request.name().value())).isEmpty();
    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    assertGone(executor, worker);
  }

  @Test
  void eachAnswerToALaunchHasItsMeaning() {
    assertAnswer(Fault.refuse(401, "Unauthorized"), FailureClass.REFUSED, "401");
    assertAnswer(
        Fault.refuse(403, "jobs.batch \"x\" is forbidden: exceeded quota: q, requested: 1"),
        FailureClass.OVER_QUOTA,
        "exceeded quota");
    assertAnswer(
        Fault.refuse(404, "namespaces \"b\" not found"), FailureClass.REFUSED, "BUILDER_NAMESPACE");
    assertAnswer(Fault.refuse(422, "Invalid value: -1"), FailureClass.REFUSED, "Invalid value");
    // K22
    assertAnswer(Fault.refuse(429, "too many requests"), FailureClass.THROTTLED, "429");
  }

  private void assertAnswer(Fault fault, FailureClass failure, String words) {
    server.next("POST jobs", fault);
    assertThat(executor.start(request("exit 0")))
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(failure);
              assertThat(nothing.sentence()).contains(words).contains(server.address());
            });
  }

  @Test
  void aServerThatFailedMayHaveMadeIt() {
    server.next("POST jobs", Fault.refuse(500, "etcdserver: request timed out"));

    assertThat(executor.start(request("exit 0"))).isInstanceOf(LaunchResult.Unknown.class);
  }

  @Test
  void aServerThatIsNotThereIsUnreachable() {
    try (KubernetesExecutor lost =
        new KubernetesExecutor(
            TestCluster.read("K8S_API_SERVER: 127.0.0.1:1\n"),
            OURS,
            Ticker.system(),
            InstantSource.system())) {
      assertThat(lost.start(request("exit 0")))
          .isInstanceOfSatisfying(
              LaunchResult.SurelyNothing.class,
              nothing -> {
                assertThat(nothing.failure()).isEqualTo(FailureClass.UNREACHABLE);
                assertThat(nothing.sentence()).contains("127.0.0.1:1").contains("did not answer");
              });
      assertThat(lost.confirmGone(WorkerRef.of(request("exit 0").name())))
          .isInstanceOf(Presence.Unknown.class);
    }
  }

  @Test
  void aWatchThatFellSilentIsFoundByComparison() {
    // K16
    server.silenceWatches(true);
    WorkerRequest request = request("exit 6");
    started(request);

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> events.stream().anyMatch(e -> e.worker().name().equals(request.name())));
  }

  @Test
  void thePodOfAJobThatSomebodyDeletedAloneIsSeenAndEnded() {
    // K18: what a deletion without a policy does.
    WorkerRequest request = request("trap 'exit 5' TERM; while :; do sleep 0.05; done");
    WorkerRef worker = orphaned(request);

    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    assertThat(listed(executor))
        .containsExactly(new SeenWorker(request.attempt(), worker, OURS.state()));
    assertThat(store.list("secrets", Map.of())).hasSize(1);
    executor.stop(worker);
    assertGone(executor, worker);
    assertThat(store.list("pods", Map.of())).isEmpty();
    assertThat(store.list("secrets", Map.of())).as("of nobody either").isEmpty();
  }

  @Test
  void anOrphanThatMustKeepItsSecretIsEndedAllTheSame() {
    // K18, by an account that was given its rights before this one was among them.
    WorkerRequest request = request("trap 'exit 5' TERM; while :; do sleep 0.05; done");
    WorkerRef worker = orphaned(request);
    server.next("DELETE secrets", Fault.refuse(403, "secrets is forbidden"));

    executor.stop(worker);

    assertGone(executor, worker);
    assertThat(store.list("secrets", Map.of())).hasSize(1);
  }

  @Test
  void anOrphanThatHasEndedIsNotGoneUntilItIsRemoved() {
    // K18: no Job takes it along, and nothing else would ever remove it.
    WorkerRequest request = request("exit 0");
    WorkerRef worker = started(request);
    assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.withStatus(0));
    cluster.kubelet.orphan(request.name().value());

    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    assertThat(listed(executor)).as("for whoever looks for leftovers").hasSize(1);
    executor.stop(worker);
    assertGone(executor, worker);
    assertThat(store.list("pods", Map.of())).isEmpty();
    assertThat(listed(executor)).isEmpty();
  }

  @Test
  void aFailedOrphanThatSomebodyMayLookAtIsNoLeftoverBeforeItsTimeIsOver() {
    // K18
    AtomicReference<Duration> later = new AtomicReference<>(Duration.ofMinutes(9));
    InstantSource clock = () -> InstantSource.system().instant().plus(later.get());
    KubernetesSettings settings = cluster.agents("DEBUG: true\nDEBUG_RETENTION: 600\n");
    try (Executor keeping =
            new KubernetesExecutor(settings, OURS, Ticker.system(), clock, Duration.ofSeconds(1));
        Watch watch = keeping.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRequest request = request("exit 4");
      WorkerRef worker = started(keeping, request);
      assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.withStatus(4));
      cluster.kubelet.orphan(request.name().value());

      assertThat(listed(keeping)).isEmpty();
      keeping.stop(worker);
      assertThat(store.list("pods", Map.of())).hasSize(1);
      assertThat(keeping.confirmGone(worker))
          .as("it holds no place")
          .isInstanceOf(Presence.Gone.class);

      later.set(Duration.ofMinutes(11));
      assertThat(listed(keeping)).hasSize(1);
      keeping.stop(worker);
      await().untilAsserted(() -> assertThat(store.list("pods", Map.of())).isEmpty());
    }
  }

  @Test
  void theEndOfAnOrphanIsToldToAManagerThatNeverSawItsJob() {
    // K18
    WorkerRequest request = request("while [ ! -e end ]; do sleep 0.05; done; exit 3");
    orphaned(request);
    try (Executor next = open(OURS);
        Watch adopting = next.watch(events::add)) {
      assertThat(adopting).isNotNull();
      Files.createFile(folder.resolve(request.name().value() + "-pod01").resolve("end"));

      assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.withStatus(3));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aPodOfALostNodeIsNotGoneUntilItsContainerEnded() {
    // K15
    WorkerRequest request = request("while :; do sleep 0.05; done");
    WorkerRef worker = started(request);
    awaitRunning(request);
    cluster.kubelet.loseNode(request.name().value());

    executor.stop(worker);

    await()
        .until(
            () -> store.list("pods", Map.of()).getFirst().at("/metadata").has("deletionTimestamp"));
    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    assertThat(cluster.kubelet.runningPods()).isEqualTo(1);
    cluster.kubelet.findNodes();
    assertGone(executor, worker);
  }

  /** K11: told before its setup time is over, as the attempt would pay for that. */
  @Test
  void aPodWithoutANodeIsGivenUpBeforeItsSetupTimeIsOver() {
    cluster.kubelet.noNode("0/3 nodes are available: Insufficient cpu.");
    try (KubernetesExecutor hasty =
            new KubernetesExecutor(
                cluster.agents("SETUP_TIME: 4\n"), OTHER, Ticker.system(), InstantSource.system());
        Watch watch = hasty.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRequest request = request("exit 0", OTHER);
      started(hasty, request);

      WorkerEvent.Stuck stuck =
          await()
              .atMost(Duration.ofSeconds(30))
              .until(
                  () ->
                      events.stream()
                          .filter(WorkerEvent.Stuck.class::isInstance)
                          .map(WorkerEvent.Stuck.class::cast)
                          .findFirst(),
                  Optional::isPresent)
              .orElseThrow();
      assertThat(stuck.reason()).isEqualTo(Reason.UNSCHEDULABLE);
    }
  }

  private WorkerRef orphaned(WorkerRequest request) {
    WorkerRef worker = started(request);
    awaitRunning(request);
    cluster.kubelet.orphan(request.name().value());
    return worker;
  }

  private void awaitRunning(WorkerRequest request) {
    await()
        .until(
            () ->
                store
                    .get("pods", request.name().value() + "-pod01")
                    .filter(pod -> pod.at("/status/phase").asText().equals("Running"))
                    .isPresent());
  }
}
