package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.Exit;
import dev.buildman.executor.KeptEvents;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;
import dev.buildman.model.WorkerExit;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.kubernetes.Faults.Fault;
import dev.buildman.testing.kubernetes.ObjectStore;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a worker costs an API server, that of somebody who runs more than builds on it. */
class KubernetesRequestsIT {
  private static final Installation OURS = new Installation("0123456789ab", "state-1");
  private static final Duration LONG = Duration.ofSeconds(30);

  // Its comparison would hide what the watch alone brings, and its requests be counted.
  private static final Duration NEVER = Duration.ofHours(1);

  private static final String JOB =
      """
      {"metadata": {"name": "%s", "namespace": "builder"},
       "spec": {"template": {"metadata": {"labels": {}, "annotations": {}}, "spec": {"containers": [{"name": "worker"}]}}}}
      """;

  private static final Informers.Seen IGNORED =
      new Informers.Seen() {
        @Override
        public void listed() {}

        @Override
        public void of(String job) {}

        @Override
        public void pod(String job, Pod pod) {}
      };

  @TempDir private Path folder;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final Set<String> watches = ConcurrentHashMap.newKeySet();
  private final Set<Map<String, String>> fields = ConcurrentHashMap.newKeySet();
  private final KeptEvents seen = new KeptEvents();
  private TestCluster cluster;
  private KubernetesExecutor executor;
  private Watch watch;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster(folder);
    cluster.server.witness(
        request -> {
          if (request.kind().equals("events")) {
            fields.add(request.fields());
          } else if (request.method().equals("WATCH")) {
            watches.add(request.kind());
          } else {
            asked.add(request.method() + " " + request.kind());
          }
        });
    executor =
        new KubernetesExecutor(
            cluster.agents(""), OURS, Ticker.system(), InstantSource.system(), NEVER);
    watch = watched(executor);
  }

  private Watch watched(KubernetesExecutor executor) {
    watches.clear();
    Watch begun = executor.watch(seen);
    // Each comes when its list has been read: before that the cluster itself is asked.
    await().until(() -> watches.containsAll(List.of("jobs", "pods")));
    asked.clear();
    return begun;
  }

  @AfterEach
  void end() {
    watch.close();
    executor.close();
    cluster.close();
  }

  private WorkerRef started(WorkerRequest request) {
    return started(executor, request);
  }

  private static WorkerRef started(KubernetesExecutor executor, WorkerRequest request) {
    LaunchResult result = executor.start(request);
    assertThat(result).isInstanceOf(LaunchResult.Started.class);
    return WorkerRef.of(request.name(), ((LaunchResult.Started) result).execution());
  }

  /** Of what a watch has not brought yet the cluster itself is asked. */
  private static void awaitSeen(Watch watch, WorkerRef worker) {
    ClusterWatch watching = (ClusterWatch) watch;
    await()
        .until(
            () -> watching.glimpse(worker.name().value()),
            glimpse -> !(glimpse instanceof Glimpse.Nothing));
  }

  @Test
  void aWorkerThatGoesByItselfCostsItsMakingAndItsDeletion() throws InterruptedException {
    seen.awaited = false;
    WorkerRef worker = started(ExecutorContract.request("exit 7", OURS));
    awaitSeen(watch, worker);

    Presence left = executor.awaitGone(worker, LONG);
    executor.stop(worker);
    Presence removed = executor.awaitGone(worker, LONG);

    Presence seven = new Presence.Gone(new Exit(WorkerExit.withStatus(7), List.of()));
    assertThat(left).isEqualTo(seven);
    assertThat(removed).as("remembered when its pod is gone").isEqualTo(seven);
    assertThat(asked).containsExactly("POST jobs", "POST secrets", "DELETE jobs");
    assertThat(seen.told).isEmpty();
  }

  @Test
  void aMachineCostsNoMore() throws InterruptedException {
    seen.awaited = false;
    try (KubernetesExecutor machines =
            new KubernetesExecutor(
                cluster.machines(""), OURS, Ticker.system(), InstantSource.system(), NEVER);
        Watch watching = watched(machines)) {
      assertThat(watching).isNotNull();
      WorkerRef worker = started(machines, ExecutorContract.request("exit 7", OURS));
      awaitSeen(watching, worker);

      Presence left = machines.awaitGone(worker, LONG);
      machines.stop(worker);
      Presence removed = machines.awaitGone(worker, LONG);

      assertThat(List.of(left, removed)).hasOnlyElementsOfType(Presence.Gone.class);
      assertThat(asked).containsExactly("POST jobs", "POST secrets", "DELETE jobs");
    }
  }

  @Test
  void theLogOfAWorkerThatSomebodyWaitsForIsReadWithOneRequest() {
    WorkerRequest request = ExecutorContract.request("echo last words; exit 7", OURS);
    started(request);

    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(seen.told)
                    .singleElement()
                    .isInstanceOfSatisfying(
                        WorkerEvent.Exited.class,
                        exited -> assertThat(exited.exit().lastLines()).contains("last words")));
    assertThat(asked).containsExactly("POST jobs", "POST secrets", "GET pods");
  }

  /** K18: somebody deletes the Job and leaves its pod, and the watch does not show that in time. */
  @Test
  void aPodThatLosesItsJobUnseenWhileThatIsDeletedIsRemoved() throws Exception {
    WorkerRef worker = started(ExecutorContract.request("exit 0", OURS));
    assertThat(executor.awaitGone(worker, LONG)).isInstanceOf(Presence.Gone.class);
    cluster.server.silenceWatches(true);
    cluster.kubelet.orphan(worker.name().value());
    cluster.store.create("jobs", ObjectStore.parse(JOB.formatted(worker.name())));

    executor.stop(worker);
    assertThat(executor.awaitGone(worker, Duration.ofSeconds(3)))
        .as("its pod is owned by nobody")
        .isInstanceOf(Presence.Present.class);
    executor.stop(worker);

    assertThat(executor.awaitGone(worker, LONG)).isInstanceOf(Presence.Gone.class);
    assertThat(cluster.store.list("pods", Map.of())).isEmpty();
  }

  /** K16: nobody would ever answer from what a silent watch has shown. */
  @Test
  @Timeout(30)
  void anEndThatASilentWatchDoesNotShowIsFoundByAsking() throws Exception {
    Path go = folder.resolve("go");
    WorkerRef worker =
        started(
            ExecutorContract.request(
                "while [ ! -e " + go + " ]; do sleep 0.05; done; exit 7", OURS));
    await().until(() -> isRunning(worker));
    cluster.server.silenceWatches(true);
    Files.createFile(go);

    assertThat(executor.awaitGone(worker, NEVER)).isInstanceOf(Presence.Gone.class);
  }

  private boolean isRunning(WorkerRef worker) {
    return cluster
        .store
        .get("pods", worker.name().value() + "-pod01")
        .filter(pod -> pod.at("/status/phase").asText().equals("Running"))
        .isPresent();
  }

  @Test
  void whileNothingTellsThatAWorkerEndsItsClusterIsAskedSeldom() throws InterruptedException {
    WorkerRef worker = started(ExecutorContract.request("sleep 60", OURS));
    await().until(() -> isRunning(worker));
    asked.clear();

    assertThat(executor.awaitGone(worker, Duration.ofSeconds(1)))
        .isInstanceOf(Presence.Present.class);

    assertThat(asked).as("one look, at its end").containsExactly("GET jobs", "GET pods");
  }

  /** Of its namespace's events most only say that all is well. */
  @Test
  void onlyWarningsAreListedAndWatched() {
    await().until(() -> !fields.isEmpty());

    assertThat(fields).containsExactly(Map.of("type", "Warning"));
  }

  @Test
  void ofAWorkerNoMoreIsKeptThanIsRead() {
    WorkerRef worker = started(ExecutorContract.request("sleep 60", OURS));
    KubernetesSettings settings = cluster.agents("");
    try (Cluster api = new Cluster(settings.access(), settings.namespace());
        Informers informers =
            new Informers(api, new WorkerLabels(executor.name(), OURS), IGNORED)) {
      await().until(() -> !informers.podsOf(worker.name().value()).isEmpty());

      assertThat(informers.podsOf(worker.name().value()).getFirst().getSpec().getVolumes())
          .isEmpty();
      assertThat(informers.jobs().getFirst().getSpec()).isNull();
    }
  }

  /** Else the first of them would be made as on a cluster that offers less. */
  @Test
  void workersThatAreLaunchedSideBySideAllKnowWhatTheClusterOffers() throws InterruptedException {
    cluster.server.next("GET version", Fault.late(Duration.ofMillis(300)));
    try (KubernetesExecutor fresh =
        new KubernetesExecutor(
            cluster.agents("ISOLATION: baseline\n"),
            OURS,
            Ticker.system(),
            InstantSource.system(),
            NEVER)) {
      List<Thread> launches = new ArrayList<>();
      Stream.generate(() -> ExecutorContract.request("exit 0", OURS))
          .limit(8)
          .forEach(request -> launches.add(Thread.ofVirtual().start(() -> fresh.start(request))));
      for (Thread launch : launches) {
        launch.join();
      }
    }

    assertThat(cluster.store.list("jobs", Map.of()))
        .hasSize(8)
        .extracting(job -> job.at("/spec/template/spec/hostUsers").asText())
        .containsOnly("false");
    assertThat(cluster.server.versionsAsked()).isEqualTo(1);
    await()
        .atMost(LONG)
        .until(
            () ->
                cluster.store.list("pods", Map.of()).stream()
                        .filter(pod -> pod.at("/status/phase").asText().equals("Succeeded"))
                        .count()
                    == 8);
  }
}
