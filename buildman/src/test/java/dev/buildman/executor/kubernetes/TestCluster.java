package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigReader;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.FakeKubelet;
import dev.buildman.testing.kubernetes.FakeMachine;
import dev.buildman.testing.kubernetes.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A stand-in for a cluster whose workers are shells that run {@code $TEST_AGENT}. */
final class TestCluster implements AutoCloseable {
  final ObjectStore store = new ObjectStore();
  final FakeApiServer server;
  final FakeKubelet kubelet;

  TestCluster(Path folder) throws IOException {
    server = new FakeApiServer(store);
    kubelet = new FakeKubelet(store, folder, Duration.ofSeconds(1), TestCluster::worker);
    server.logs(kubelet::log);
  }

  private static ProcessBuilder worker(Map<String, String> environment, Path own) {
    if (environment.containsKey("USERDATA")) {
      return FakeMachine.boot(environment.get("USERDATA"), own, "sh -c \"$TEST_AGENT\"");
    }
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", environment.get("TEST_AGENT"));
    shell.environment().putAll(environment);
    return shell.directory(own.toFile());
  }

  /** Settings of an executor that runs agents here. */
  KubernetesSettings agents(String more) {
    return read("K8S_API_SERVER: " + server.address() + "\n" + more);
  }

  /** Settings of an executor that boots machines here. */
  KubernetesSettings machines(String more) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + ("K8S_API_SERVER: " + server.address() + "\n" + more).indent(2),
            Path.of("/"),
            top -> KubernetesSettings.parseMachines(top.section("E"), "1.0"))
        .orThrow();
  }

  static KubernetesSettings read(String lines) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + lines.indent(2),
            Path.of("/"),
            top -> KubernetesSettings.parse(top.section("E"), "1.0"))
        .orThrow();
  }

  @Override
  public void close() {
    kubelet.close();
    server.close();
  }
}
