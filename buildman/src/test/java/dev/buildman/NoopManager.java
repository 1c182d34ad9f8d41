package dev.buildman;

import dev.buildman.bench.NoopExecutor;
import dev.buildman.config.ConfigReader;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Installation;
import dev.buildman.reconcile.KnownExecutors;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ChainLink;
import dev.buildman.schedule.ExecutorChain;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The whole manager, on an executor whose workers are played by a load generator: all of the way
 * but a control plane. Its arguments: the configuration file, the load generator's port.
 */
public final class NoopManager {
  private NoopManager() {}

  public static void main(String[] arguments) throws Exception {
    Places nowhere = new Places(Path.of("/nonexistent"), Path.of("/nonexistent"));
    Settings settings =
        new ConfigReader(Map.of())
            .read(Path.of(arguments[0]), top -> Settings.parse(top, nowhere))
            .orThrow();
    int port = Integer.parseInt(arguments[1]);
    Buildman manager =
        Buildman.start(
            settings,
            Clocks.system(),
            (_, here, closing) ->
                executors(closing.add("workers", executor(here.installation(), port))));
    // The load generator kills the process; standard input ends when it dies before that.
    try (manager) {
      while (System.in.read() >= 0) {
        // Nothing is said.
      }
    }
  }

  private static NoopExecutor executor(Installation installation, int port) {
    return new NoopExecutor(new ExecutorName("noop"), installation, port);
  }

  private static Executors executors(Executor executor) {
    ChainLink link =
        new ChainLink(
            executor,
            ExecutorSettings.defaults(executor.name()),
            Ticker.system(),
            Sleeper.system());
    return new Executors(new ExecutorChain(List.of(link)), new KnownExecutors(List.of(executor)));
  }
}
