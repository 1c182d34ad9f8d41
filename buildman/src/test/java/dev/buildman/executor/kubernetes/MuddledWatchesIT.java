package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.kubernetes.Faults.Fault;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same contract with watches that say everything twice and out of order, send bookmarks, are
 * cut, refused, and cannot go on from where they were (K16); and with slow answers.
 */
class MuddledWatchesIT extends ExecutorContract {
  private static final long SEED = Long.getLong("buildman.seed", 20_260_101L);

  @TempDir private Path folder;
  private final AtomicBoolean over = new AtomicBoolean();
  private TestCluster cluster;
  private Thread weather;

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
    cluster.server.muddle(true);
    cluster.server.bookmark(true);
    Random random = new Random(SEED);
    cluster.server.weather(
        request -> {
          synchronized (random) {
            return request.startsWith("WATCH") ? ofWatch(random) : late(random);
          }
        });
    weather = Thread.ofPlatform().name("weather").start(this::change);
  }

  private static Optional<Fault> ofWatch(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> Optional.of(Fault.cut(false));
      case 1 -> Optional.of(Fault.failed(false));
      case 2 -> Optional.of(Fault.throttled());
      case 3 -> Optional.of(Fault.refuse(410, "too old resource version"));
      default -> Optional.empty();
    };
  }

  private static Optional<Fault> late(Random random) {
    return random.nextInt(4) == 0
        ? Optional.of(Fault.late(Duration.ofMillis(random.nextInt(100))))
        : Optional.empty();
  }

  private void change() {
    Random random = new Random(SEED + 1);
    try {
      while (!over.get()) {
        Thread.sleep(100 + random.nextInt(400));
        if (random.nextBoolean()) {
          cluster.server.forgetHistory();
        } else {
          cluster.server.endWatches();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  protected void end() throws InterruptedException {
    over.set(true);
    weather.interrupt();
    weather.join();
    cluster.close();
  }
}
