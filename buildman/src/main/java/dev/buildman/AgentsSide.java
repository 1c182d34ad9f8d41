package dev.buildman;

import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.redis.RedisBuildLogs;
import dev.buildman.cli.Version;
import dev.buildman.config.HostPort;
import dev.buildman.edge.agent.AgentListener;
import dev.buildman.edge.agent.AgentListenerSettings;
import dev.buildman.edge.agent.AgentUseCases;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import dev.buildman.orchestrator.job.FinishPhase;
import dev.buildman.orchestrator.job.GatheredBeats;
import dev.buildman.orchestrator.job.Heartbeat;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.Register;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.ExecutorChain;
import dev.buildman.session.CachedTags;
import dev.buildman.session.Heartbeats;
import dev.buildman.session.LogLines;
import dev.buildman.session.OpenStreams;
import dev.buildman.session.Patience;
import dev.buildman.session.Phases;
import dev.buildman.session.Registrations;
import dev.buildman.session.SessionSettings;
import dev.buildman.session.StoredBuilds;
import dev.buildman.session.WorkOrders;
import dev.buildman.sources.SourceUrls;
import dev.buildman.tags.LookupSettings;
import dev.buildman.tags.RegistryTags;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** Everything that agents reach. */
final class AgentsSide implements AutoCloseable {

  /**
   * What agents' use cases work with.
   *
   * @param scripts on a connection that nothing slow shares
   */
  record Parts(
      ManagerId manager,
      OrchestratorScripts scripts,
      RedisBuildLogs logs,
      LogHints logHints,
      Keys keys,
      ExecutorChain chain) {}

  private final Closing closing = new Closing();
  private final Parts parts;
  private final Settings settings;
  private final Patience patience = Patience.system();
  private final Heartbeats heartbeats;
  private final OpenStreams streams;
  private final AgentListener listener;

  private AgentsSide(
      Settings settings, Parts parts, SourceUrls urls, InstantSource clock, Metrics metrics) {
    this.settings = settings;
    this.parts = parts;
    Heartbeat heartbeat = new Heartbeat(parts.scripts());
    this.heartbeats =
        new Heartbeats(
            new GatheredBeats(beats -> heartbeat.runAsync(beats, parts.manager())), patience);
    ExecutorService threads = closing.add("stream hints", Threads.perTask("stream-hint"));
    this.streams = new OpenStreams(new Jobs(parts.scripts()), new Builds(parts.scripts()), threads);
    this.listener =
        closing.add(
            "agents' listener",
            new AgentListener(
                listenerSettings(),
                useCases(urls, clock, metrics),
                parts.keys().tokens(),
                metrics));
  }

  /** Binds and serves. */
  static AgentsSide start(
      Settings settings, Parts parts, SourceUrls urls, InstantSource clock, Metrics metrics) {
    return new AgentsSide(settings, parts, urls, clock, metrics);
  }

  AgentListener listener() {
    return listener;
  }

  /** Lets agents whose build has ended hear of it at once. */
  EventListener events() {
    return new EventListener() {
      @Override
      public void hint(Hint hint) {
        if (hint.kind() == Hint.Kind.PHASE || hint.kind() == Hint.Kind.CANCELLED) {
          streams.hint(new BuildId(hint.build()));
        }
      }

      @Override
      public void expired(BuildId build) {
        streams.hint(build);
      }

      @Override
      public void resync() {
        // The agents' next beats find out.
      }
    };
  }

  @Override
  public void close() {
    closing.close();
  }

  private AgentUseCases useCases(SourceUrls urls, InstantSource clock, Metrics metrics) {
    SessionSettings session = sessionSettings();
    FinishPhase finish = new FinishPhase(parts.scripts());
    StoredBuilds builds = new StoredBuilds(new Builds(parts.scripts()), parts.keys().specs());
    RegistryTags tags = closing.add("tag lookups", new RegistryTags(lookups(), Ticker.system()));
    Registrations registrations =
        new Registrations(
            new Registrations.Transitions(
                new Register(parts.scripts()), finish, parts.chain()::successor),
            parts.logs(),
            builds,
            new WorkOrders(parts.keys().tokens(), urls, session, clock),
            patience,
            session);
    Phases phases =
        new Phases(
            new Phases.Transitions(new SetPhase(parts.scripts()), finish),
            parts.logs(),
            patience,
            session,
            clock,
            metrics);
    LogLines lines =
        new LogLines(
            new LogLines.Stores(parts.logs(), parts.logHints()),
            heartbeats,
            patience,
            metrics,
            new LogLines.LineForm(session.logs().maxLine(), clock));
    return new AgentUseCases(
        registrations,
        heartbeats,
        phases,
        lines,
        new CachedTags(builds, tags, heartbeats),
        streams);
  }

  /** The registries that the file names. */
  private LookupSettings lookups() {
    BuildDefaults builds = settings.work().builds();
    Set<String> registries = new HashSet<>(builds.insecureRegistries());
    registries.addAll(builds.registryAuth().keySet());
    registries.add(settings.identity().registry());
    registries.remove("");
    return new LookupSettings(registries, Set.copyOf(builds.insecureRegistries()));
  }

  private SessionSettings sessionSettings() {
    Keeping.Logs logs = settings.work().keeping().logs();
    BuildDefaults builds = settings.work().builds();
    return new SessionSettings(
        parts.manager(),
        settings.work().pace().heartbeat(),
        settings.work().limits().times().lease(),
        settings.work().limits().times().machineMax(),
        new SessionSettings.LogLimits(logs.maxLine(), logs.maxLines(), logs.maxBytes()),
        new SessionSettings.Additions(
            builds.noCache(),
            builds.buildArgs(),
            builds.registryAuth(),
            builds.insecureRegistries()));
  }

  private AgentListenerSettings listenerSettings() {
    Listeners.Secured edge = settings.listeners().agents();
    return new AgentListenerSettings(
        socket(edge.address()),
        edge.tls().map(tls -> new AgentListenerSettings.Tls(tls.certificate(), tls.key())),
        settings.work().pace().drain(),
        settings.work().pace().agents(),
        Version.text());
  }

  static InetSocketAddress socket(HostPort address) {
    return new InetSocketAddress(address.host(), address.port());
  }
}
