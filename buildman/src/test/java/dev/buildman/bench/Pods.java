package dev.buildman.bench;

import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.FakeKubelet;
import dev.buildman.testing.kubernetes.ObjectStore;
import dev.buildman.testing.kubernetes.PodProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The load generator's side of executor {@code kubernetesPodman}: a stand-in for a cluster, in
 * which each pod's container is played by this process.
 */
final class Pods implements Launches {
  private static final int KILLED = 137;
  private static final int TERMINATED = 143;

  private final ObjectStore store = new ObjectStore();
  private final FakeApiServer server = new FakeApiServer(store);
  private final FakeKubelet kubelet;
  private final Map<String, CompletableFuture<Integer>> running = new ConcurrentHashMap<>();
  private volatile Consumer<Launched> agents = _ -> {};

  /**
   * @param folder for what the pods are handed over
   */
  Pods(Path folder) throws IOException {
    kubelet = new FakeKubelet(store, folder, Duration.ZERO, this::start);
  }

  private PodProgram.Running start(Map<String, String> environment, Path own, Path output)
      throws IOException {
    String name = own.getFileName().toString();
    String token = Files.readString(Path.of(environment.get("TOKEN_FILE")));
    CompletableFuture<Integer> exit = new CompletableFuture<>();
    running.put(name, exit);
    agents.accept(new Launched(name, environment.get("BUILD_UUID"), token));
    return new PodProgram.Running() {
      @Override
      public CompletableFuture<Integer> onExit() {
        return exit;
      }

      @Override
      public void end(Duration grace) {
        exit.complete(TERMINATED);
      }

      @Override
      public void kill() {
        exit.complete(KILLED);
      }
    };
  }

  /**
   * Tells of each Job as it is made.
   *
   * @return stops telling
   */
  Runnable onJob(Runnable made) {
    return store.watch(
        store.version(),
        change -> {
          if (change.kind().equals("jobs") && change.type().equals("ADDED")) {
            made.run();
          }
        });
  }

  @Override
  public void playedBy(Consumer<Launched> players) {
    agents = players;
  }

  @Override
  public void gone(String name) {
    CompletableFuture<Integer> exit = running.remove(name);
    if (exit != null) {
      exit.complete(0);
    }
  }

  @Override
  public String main() {
    return "dev.buildman.Main";
  }

  @Override
  public List<String> arguments(Path config) {
    return List.of("serve", config.toString());
  }

  @Override
  public String executor() {
    return "{EXECUTOR: kubernetesPodman, K8S_API_SERVER: \"%s\", AGENT: ours, WORKER_IMAGE: agent}"
        .formatted(server.address());
  }

  @Override
  public void close() {
    kubelet.close();
    server.close();
  }
}
