package dev.buildman.schedule;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.TellHeads;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.token.TokenSettings;
import dev.buildman.token.Tokens;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The dispatching half of a manager, on executors of the test's. */
final class TestManager implements AutoCloseable {
  static final Installation INSTALLATION = new Installation("0123456789ab", "state");
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  final Tokens tokens =
      new Tokens(
          new TokenSettings(List.of(Secret.of("a secret of the test's")), "", "buildman"),
          InstantSource.system());
  final ExecutorChain chain;
  final Dispatcher dispatcher;

  /** One place in the chain. */
  record Place(Executor executor, ExecutorSettings settings) {}

  TestManager(OrchestratorScripts scripts, String id, Place... places) {
    Insistence insistence = new Insistence(Sleeper.system());
    Metrics metrics = new Metrics();
    this.chain =
        new ExecutorChain(
            Arrays.stream(places)
                .map(
                    place ->
                        new ChainLink(
                            place.executor(), place.settings(), Ticker.system(), Sleeper.system()))
                .toList());
    Launcher launcher =
        new Launcher(
            INSTALLATION,
            tokens,
            Map.of("SERVER", "buildman:55443"),
            scripts::limits,
            Ticker.system(),
            metrics);
    ChainWalk walk = new ChainWalk(chain, new WalkCommands(scripts, insistence), launcher);
    this.dispatcher =
        new Dispatcher(
            new Dispatcher.Commands(new Claim(scripts), new TellHeads(scripts)),
            new Nonces(new ManagerId(id), new Random()),
            chain,
            walk,
            insistence,
            metrics);
  }

  static Place place(Executor executor) {
    return new Place(executor, ExecutorSettings.defaults(executor.name()));
  }

  /** Claims and launches what can be now, and waits until that is done. */
  void dispatch() throws InterruptedException {
    dispatcher.runOnce();
    if (!dispatcher.awaitWalks(PATIENCE)) {
      throw new AssertionError("walks do not end");
    }
  }

  @Override
  public void close() {
    dispatcher.close();
  }
}
