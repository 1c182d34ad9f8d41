package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.FakeKubelet;
import dev.buildman.testing.kubernetes.Faults.Fault;
import dev.buildman.testing.kubernetes.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** A cluster of a chaos run: a stand-in for its API server, agents as threads in its pods. */
final class ChaosCluster implements ChaosPlace {
  private static final String FOREIGN = "foreign";

  private final String name;
  private final ObjectStore store = new ObjectStore();
  private final FakeApiServer server;
  private final FakeKubelet kubelet;
  private final Random random;
  private final boolean whole;
  private final Map<String, Integer> happened = new TreeMap<>();
  private volatile boolean calm;

  /**
   * @param whole also what heals slowly: an executor without a node is left alone for 30 s
   */
  ChaosCluster(String name, Path folder, ChaosAgents agents, long seed, boolean whole)
      throws IOException {
    this.name = name;
    this.whole = whole;
    this.random = new Random(seed);
    server = new FakeApiServer(store);
    kubelet = new FakeKubelet(store, folder.resolve(name), Duration.ofSeconds(2), agents);
    server.logs(kubelet::log);
    server.bookmark(true);
    server.weather(this::fault);
    store.create("jobs", foreignWorker());
  }

  // As a manager of another installation makes it, on an executor of the same name.
  private ObjectNode foreignWorker() {
    return ObjectStore.parse(
        """
        {"metadata": {"name": "%s", "namespace": "builder", "labels": {
          "app.kubernetes.io/managed-by": "buildman", "buildman.dev/installation": "ffffffffffff",
          "buildman.dev/executor": "%s", "buildman.dev/attempt": "1",
          "buildman.dev/build": "01234567-89ab-cdef-0123-456789abcdef"}},
         "spec": {"template": {"metadata": {"labels": {}, "annotations": {}}, "spec": {
          "containers": [{"name": "worker", "env": []}]}}}}
        """
            .formatted(FOREIGN, name));
  }

  @Override
  public String executor() {
    return """
          - EXECUTOR: kubernetesPodman
            NAME: %s
            K8S_API_SERVER: %s
            K8S_API_TIMEOUT: 5
            AGENT: ours
            INSECURE: true
            MAXIMUM_WORKERS: 4
            SETUP_TIME: 20
            BREAKER: {FAILURES: 5, OPEN_FOR: 2s}
    """
        .formatted(name, server.address());
  }

  private synchronized Optional<Fault> fault(String request) {
    if (calm || random.nextInt(10) < 8) {
      return Optional.empty();
    }
    boolean made = random.nextBoolean();
    return switch (random.nextInt(8)) {
      case 0 -> count("cut", Fault.cut(made));
      case 1 -> count("500", Fault.failed(made));
      case 2 -> count("429", Fault.throttled());
      case 3 -> count("401", Fault.refuse(401, "Unauthorized"));
      case 4 ->
          request.startsWith("POST jobs")
              ? count("403", Fault.refuse(403, "jobs is forbidden: exceeded quota: q, used: 1"))
              : Optional.empty();
      case 5 ->
          request.startsWith("WATCH")
              ? count("410", Fault.refuse(410, "too old resource version"))
              : Optional.empty();
      default -> count("late", Fault.late(Duration.ofMillis(random.nextInt(400))));
    };
  }

  private Optional<Fault> count(String what, Fault fault) {
    happened.merge(what, 1, Integer::sum);
    return Optional.of(fault);
  }

  @Override
  public synchronized void change() {
    List<String> jobs =
        store.list("jobs", Map.of("app.kubernetes.io/managed-by", "buildman")).stream()
            .map(job -> job.at("/metadata/name").asText())
            .filter(job -> !job.startsWith(FOREIGN))
            .toList();
    Optional<String> job =
        jobs.isEmpty() ? Optional.empty() : Optional.of(jobs.get(random.nextInt(jobs.size())));
    switch (random.nextInt(9)) {
      case 0 -> act("quota", () -> kubelet.refuse("pods is forbidden: exceeded quota: q"));
      case 1 -> {
        if (whole) {
          act("no node", () -> kubelet.noNode("0/3 nodes are available: Insufficient cpu."));
        }
      }
      case 2 -> job.ifPresent(name -> act("evicted", () -> kubelet.evict(name)));
      case 3 -> job.ifPresent(name -> act("orphaned", () -> kubelet.orphan(name)));
      case 4 -> job.ifPresent(name -> act("node lost", () -> kubelet.loseNode(name)));
      case 5 -> act("history forgotten", server::forgetHistory);
      case 6 -> act("watches silent", () -> server.silenceWatches(true));
      case 7 -> act("watches muddled", () -> server.muddle(true));
      default -> clear();
    }
  }

  private void act(String what, Runnable change) {
    happened.merge(what, 1, Integer::sum);
    change.run();
  }

  private void clear() {
    kubelet.refuse("");
    kubelet.noNode("");
    kubelet.findNodes();
    server.silenceWatches(false);
    server.muddle(false);
  }

  @Override
  public synchronized void calm() {
    calm = true;
    clear();
    server.endWatches();
  }

  @Override
  public void assertNothingLeft() {
    for (String kind : List.of("jobs", "pods", "secrets")) {
      assertThat(store.list(kind, Map.of()))
          .filteredOn(o -> !o.at("/metadata/name").asText().startsWith(FOREIGN))
          .as("%s of cluster %s", kind, name)
          .isEmpty();
    }
    assertThat(store.get("jobs", FOREIGN))
        .as("another installation's worker is left alone")
        .isPresent();
  }

  @Override
  public synchronized String told() {
    return "cluster " + name + ": " + happened;
  }

  @Override
  public void close() {
    kubelet.close();
    server.close();
  }
}
