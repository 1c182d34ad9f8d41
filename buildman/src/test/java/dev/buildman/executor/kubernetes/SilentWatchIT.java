package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.KeptEvents;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.kubernetes.Faults.Fault;
import dev.buildman.testing.kubernetes.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** K16: watches that bring nothing any more, without an error, and are begun anew. */
class SilentWatchIT {
  private static final Installation OURS = new Installation("0123456789ab", "state-1");
  private static final Duration OFTEN = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final String NO_NODE = "0/3 nodes are available: Insufficient cpu.";

  private static final String JOB =
      """
      {"metadata": {"name": "of-somebody", "namespace": "builder", "labels": %s},
       "spec": {"template": {"metadata": {"labels": {}, "annotations": {}}, "spec": {"containers": [{"name": "worker"}]}}}}
      """;

  @TempDir private Path folder;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final KeptEvents seen = new KeptEvents();
  private TestCluster cluster;
  private KubernetesExecutor executor;
  private Watch watch;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster(folder);
    cluster.server.witness(
        request -> {
          if (request.name().isEmpty()) {
            asked.add(request.method() + " " + request.kind());
          }
        });
    executor =
        new KubernetesExecutor(
            cluster.agents(""), OURS, Ticker.system(), InstantSource.system(), OFTEN);
    watch = executor.watch(seen);
    await().until(() -> asked.containsAll(List.of("WATCH jobs", "WATCH pods", "WATCH events")));
  }

  @AfterEach
  void end() {
    watch.close();
    executor.close();
    cluster.close();
  }

  private WorkerRequest start(String script) {
    WorkerRequest request = ExecutorContract.request(script, OURS);
    assertThat(executor.start(request)).isInstanceOf(LaunchResult.Started.class);
    return request;
  }

  private void awaitNewWatches() {
    long before = asked("WATCH pods");
    await().atMost(LONG).until(() -> asked("WATCH pods") > before);
  }

  private long asked(String request) {
    return Collections.frequency(asked, request);
  }

  @Test
  void aWorkerThatWentMeanwhileIsToldOf() {
    WorkerRequest request = start("sleep 60");
    await().until(() -> pod(request).contains("\"Running\""));
    // A later one that is told of: so the first has been seen too.
    cluster.kubelet.noNode(NO_NODE);
    start("exit 0");
    awaitRemark();
    cluster.server.silenceWatches(true);
    cluster.store.remove("jobs", request.name().value());
    await().atMost(LONG).until(() -> pod(request).isEmpty());
    // Nor do a cluster's events, which new watches would list and which speak of the worker.
    cluster.store.list("events", Map.of()).stream()
        .map(event -> event.at("/metadata/name").asText())
        .forEach(event -> cluster.store.remove("events", event));

    awaitNewWatches();

    await().atMost(LONG).until(() -> seen.told.size() == 2);
    assertThat(seen.told)
        .last()
        .isInstanceOfSatisfying(
            WorkerEvent.Exited.class,
            exited -> assertThat(exited.worker().name()).isEqualTo(request.name()));
  }

  @Test
  void nobodyIsTakenForDeletedBeforeTheNewOnesHaveListed() {
    cluster.kubelet.noNode(NO_NODE);
    start("exit 0");
    awaitRemark();
    cluster.server.silenceWatches(true);
    cluster.server.weather(
        request ->
            request.startsWith("LIST")
                ? Optional.of(Fault.late(Duration.ofSeconds(2)))
                : Optional.empty());
    cluster.store.create("jobs", ObjectStore.parse(JOB.formatted(labels())));

    awaitNewWatches();

    assertThat(seen.ends).as("ends that were seen").isEmpty();
    assertThat(seen.told).as("nothing new is told").hasSize(1);
  }

  @Test
  void anEndIsToldWhileAComparisonWaitsForItsList() throws Exception {
    Path go = folder.resolve("go");
    WorkerRequest request = start("while [ ! -e " + go + " ]; do sleep 0.05; done; exit 7");
    await().until(() -> pod(request).contains("\"Running\""));
    AtomicBoolean hangs = new AtomicBoolean();
    cluster.server.weather(
        asking -> {
          if (!asking.equals("GET jobs")) {
            return Optional.empty();
          }
          hangs.set(true);
          return Optional.of(Fault.late(LONG));
        });
    await().atMost(LONG).untilTrue(hangs);
    long pods = asked("GET pods");

    Files.createFile(go);

    await().atMost(LONG).until(() -> !seen.told.isEmpty());
    assertThat(seen.told).singleElement().isInstanceOf(WorkerEvent.Exited.class);
    assertThat(asked("GET pods")).as("the list after that of Jobs is yet to come").isEqualTo(pods);
  }

  private void awaitRemark() {
    await().atMost(LONG).until(() -> !seen.told.isEmpty());
    assertThat(seen.told).singleElement().isInstanceOf(WorkerEvent.Remark.class);
  }

  private String labels() {
    return new WorkerLabels(executor.name(), OURS)
        .selector().entrySet().stream()
            .map(label -> "\"%s\": \"%s\"".formatted(label.getKey(), label.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
  }

  private String pod(WorkerRequest request) {
    return cluster
        .store
        .get("pods", request.name().value() + "-pod01")
        .map(Object::toString)
        .orElse("");
  }
}
