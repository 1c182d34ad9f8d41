package dev.buildman;

import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.redis.RedisBuildLogs;
import dev.buildman.cli.Version;
import dev.buildman.edge.client.ClientListener;
import dev.buildman.edge.client.ClientListenerSettings;
import dev.buildman.edge.client.ClientUseCases;
import dev.buildman.intake.BuildCancel;
import dev.buildman.intake.BuildCreation;
import dev.buildman.intake.BuildHints;
import dev.buildman.intake.BuildReader;
import dev.buildman.intake.BuildRetry;
import dev.buildman.intake.ExecutorControl;
import dev.buildman.intake.IntakeSettings;
import dev.buildman.intake.LogFollow;
import dev.buildman.intake.Patience;
import dev.buildman.intake.StatusReport;
import dev.buildman.intake.StatusView;
import dev.buildman.intake.UploadedSources;
import dev.buildman.intake.WorkerList;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.Installation;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ChainLink;
import dev.buildman.schedule.ExecutorChain;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.sources.SourceStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything that clients reach. */
final class ClientsSide {

  /** What clients' use cases work with. */
  record Parts(
      OrchestratorScripts scripts,
      RedisBuildLogs logs,
      LogHints logHints,
      SealedSpecs specs,
      SourceStore sources,
      BuildHints buildHints) {}

  /** What is told of this manager alone. */
  record About(Installation installation, ExecutorChain chain, Supplier<List<String>> warnings) {}

  private ClientsSide() {}

  /** Binds and serves. */
  static ClientListener start(
      Settings settings, Parts parts, About about, Supplier<List<Secret>> tokens, Metrics metrics) {
    Patience patience = new Patience(Ticker.system(), Sleeper.system());
    BuildReader reader = new BuildReader(parts.scripts(), about.chain()::standstill, patience);
    BuildCreation.Parts creating =
        new BuildCreation.Parts(
            parts.scripts(),
            parts.specs(),
            new UploadedSources(parts.sources()),
            reader,
            patience,
            metrics);
    BuildDefaults builds = settings.work().builds();
    BuildCreation creation =
        new BuildCreation(
            creating,
            new IntakeSettings(settings.identity().registry(), builds.tries(), builds.timeout()));
    StatusReport status =
        new StatusReport(
            parts.scripts(),
            new StatusReport.Manager(
                Version.text(),
                about.installation(),
                () -> about.chain().links().stream().map(ClientsSide::view).toList(),
                about.chain()::standstill,
                about.warnings()),
            patience);
    ClientUseCases useCases =
        new ClientUseCases(
            new ClientUseCases.Changing(
                creation,
                new BuildRetry(creating, creation),
                new BuildCancel(parts.scripts(), reader, patience, metrics)),
            new ClientUseCases.Reading(
                reader,
                parts.buildHints(),
                new LogFollow.Logs(parts.logs(), parts.logHints(), Ticker.system())),
            new ClientUseCases.Operating(
                status,
                new WorkerList(parts.scripts(), patience),
                new ExecutorControl(parts.scripts(), status, patience)),
            parts.sources());
    Listeners.Secured edge = settings.listeners().clients();
    return new ClientListener(
        new ClientListenerSettings(
            AgentsSide.socket(edge.address()),
            edge.tls().map(tls -> new ClientListenerSettings.Tls(tls.certificate(), tls.key())),
            tokens),
        useCases);
  }

  private static StatusView.ExecutorView view(ChainLink link) {
    return new StatusView.ExecutorView(
        link.name().value(),
        link.settings().kind(),
        0,
        link.settings().choice().maximumWorkers().orElse(0),
        link.circuitState(),
        Optional.empty());
  }
}
