package dev.buildman.e2e;

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

/** One cluster of a chaos run, and what goes wrong in it. None of that is a build's fault. */
final class ChaosWeather implements AutoCloseable {
  final ObjectStore store = new ObjectStore();
  final FakeApiServer server;
  private final FakeKubelet kubelet;
  private final Random random;
  private final boolean whole;
  private final Map<String, Integer> happened = new TreeMap<>();
  private volatile boolean calm;

  /**
   * @param whole also what heals slowly: an executor without a node is left alone for 30 s
   */
  ChaosWeather(Path folder, ChaosAgents agents, long seed, boolean whole) throws IOException {
    this.whole = whole;
    this.random = new Random(seed);
    server = new FakeApiServer(store);
    kubelet = new FakeKubelet(store, folder, Duration.ofSeconds(2), agents);
    server.logs(kubelet::log);
    server.bookmark(true);
    server.weather(this::fault);
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

  /** Something happens to the cluster. */
  synchronized void change() {
    List<String> jobs =
        store.list("jobs", Map.of("app.kubernetes.io/managed-by", "buildman")).stream()
            .map(job -> job.at("/metadata/name").asText())
            .filter(job -> !job.startsWith("foreign"))
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

  /** From now on nothing goes wrong, and what was away is back. */
  synchronized void calm() {
    calm = true;
    clear();
    server.endWatches();
  }

  synchronized String told() {
    return happened.toString();
  }

  @Override
  public void close() {
    kubelet.close();
    server.close();
  }
}
