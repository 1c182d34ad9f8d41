package dev.buildman;

import dev.buildman.config.HostPort;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.ExecutorCondition;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.TellHeads;
import dev.buildman.reconcile.Hooks;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ChainWalk;
import dev.buildman.schedule.Dispatcher;
import dev.buildman.schedule.ExecutorChain;
import dev.buildman.schedule.Launcher;
import dev.buildman.schedule.Nonces;
import dev.buildman.schedule.WalkCommands;
import dev.buildman.token.Tokens;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What claims builds and starts workers for them. */
final class WorkersSide {

  private WorkersSide() {}

  /**
   * What a dispatcher works with.
   *
   * @param dialled what workers dial
   */
  record Parts(
      ManagerId manager,
      Installation installation,
      OrchestratorScripts scripts,
      ExecutorChain chain,
      Tokens tokens,
      HostPort dialled) {}

  static Dispatcher dispatcher(Settings settings, Parts parts, Metrics metrics) {
    Insistence insistence = new Insistence(Sleeper.system());
    OrchestratorScripts scripts = parts.scripts();
    Launcher launcher =
        new Launcher(
            parts.installation(),
            parts.tokens(),
            environment(settings, parts.dialled()),
            scripts::limits,
            Ticker.system(),
            metrics);
    return new Dispatcher(
        new Dispatcher.Commands(new Claim(scripts), new TellHeads(scripts)),
        new Nonces(parts.manager(), new SecureRandom()),
        parts.chain(),
        new ChainWalk(parts.chain(), new WalkCommands(scripts, insistence), launcher),
        insistence,
        metrics);
  }

  static Hooks hooks(Dispatcher dispatcher, ExecutorChain chain) {
    return new Hooks() {
      @Override
      public void runnable() {
        dispatcher.wake();
      }

      @Override
      public void room() {
        dispatcher.wakeForRoom();
      }

      @Override
      public List<ExecutorCondition> conditions() {
        return chain.links().stream()
            .map(
                link ->
                    new ExecutorCondition(link.name().value(), link.circuitState(), link.trouble()))
            .toList();
      }
    };
  }

  private static Map<String, String> environment(Settings settings, HostPort dialled) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("SERVER", dialled.toString());
    environment.put("REGISTRY_HOSTNAME", settings.identity().registry());
    environment.put(
        "RECONNECT_WINDOW",
        Long.toString(settings.work().limits().times().reconnectWindow().toSeconds()));
    if (settings.listeners().agents().tls().isEmpty() && dialled.isLoopback()) {
      // Nobody can end TLS in front of a manager that is dialled on its own machine.
      environment.put("INSECURE", "true");
    }
    return environment;
  }
}
