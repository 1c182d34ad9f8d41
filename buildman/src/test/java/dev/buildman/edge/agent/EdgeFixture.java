package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.redis.LogAppend;
import dev.buildman.buildlogs.redis.LogLimits;
import dev.buildman.buildlogs.redis.LogRead;
import dev.buildman.buildlogs.redis.RedisBuildLogs;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Capability;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import dev.buildman.orchestrator.job.GatheredBeats;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.redis.RedisHealth;
import dev.buildman.redis.ScriptRunner;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import dev.buildman.seal.Annotations;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Sealer;
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
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.token.Grant;
import dev.buildman.token.TokenSettings;
import dev.buildman.token.Tokens;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;

/** The agents' listener of one manager over real Redis, as the composition root makes it. */
final class EdgeFixture implements AutoCloseable {
  static final Secret SECRET = Secret.of("the installation's secret");
  static final String AUDIENCE = "builds:55443";

  final TestOrchestrator orchestrator;
  final Tokens tokens;
  final RedisBuildLogs logs;
  final Metrics metrics = new Metrics();
  final AgentListener listener;

  private static final LookupSettings NOWHERE = new LookupSettings(Set.of(), Set.of());

  private final RegistryTags tags;
  private final AgentUseCases useCases;
  private final SealedSpecs specs;
  private final EventFeed feed;
  private final ExecutorService threads = Threads.perTask("edge-test");
  private final List<ManagedChannel> channels = new ArrayList<>();

  EdgeFixture(TestRedis redis) {
    this(redis, SessionSettings.Additions.NONE);
  }

  /** One whose installation adds to every build. */
  EdgeFixture(TestRedis redis, SessionSettings.Additions everyBuild) {
    this(redis, everyBuild, NOWHERE);
  }

  /** One that looks for tags itself. */
  EdgeFixture(TestRedis redis, LookupSettings lookups) {
    this(redis, SessionSettings.Additions.NONE, lookups);
  }

  private EdgeFixture(
      TestRedis redis, SessionSettings.Additions everyBuild, LookupSettings lookups) {
    tags = new RegistryTags(lookups, Ticker.system());
    orchestrator = new TestOrchestrator(redis).allow(1_000);
    InstantSource clock = InstantSource.system();
    tokens = tokens(SECRET, AUDIENCE, clock);
    byte[] key = SECRET.reveal().getBytes(StandardCharsets.UTF_8);
    specs = new SealedSpecs(Sealer.of(List.of(key)));
    ScriptRunner runner = redis.connections().scripts("logs");
    logs = new RedisBuildLogs(new LogAppend(runner, LogLimits.DEFAULT), new LogRead(runner));
    SessionSettings settings =
        SessionSettings.defaults(TestOrchestrator.MANAGER).adding(everyBuild);
    SourceUrls urls = new SourceUrls(URI.create("http://127.0.0.1:1"), List.of(key), clock);
    Patience patience = Patience.system();
    Heartbeats heartbeats =
        new Heartbeats(
            new GatheredBeats(beats -> orchestrator.heartbeat.runAsync(beats, settings.manager())),
            patience);
    OpenStreams streams = new OpenStreams(orchestrator.jobs, orchestrator.builds, threads);
    StoredBuilds builds = new StoredBuilds(orchestrator.builds, specs);
    useCases =
        new AgentUseCases(
            new Registrations(
                new Registrations.Transitions(
                    orchestrator.register, orchestrator.finishPhase, _ -> Optional.empty()),
                logs,
                builds,
                new WorkOrders(tokens, urls, settings, clock),
                patience,
                settings),
            heartbeats,
            new Phases(
                new Phases.Transitions(orchestrator.setPhase, orchestrator.finishPhase),
                logs,
                patience,
                settings,
                clock,
                metrics),
            new LogLines(
                new LogLines.Stores(logs, new LogHints()),
                heartbeats,
                patience,
                metrics,
                new LogLines.LineForm(settings.logs().maxLine(), clock)),
            new CachedTags(builds, tags, heartbeats),
            streams);
    listener =
        new AgentListener(
            new AgentListenerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                Duration.ofSeconds(1),
                AgentRates.DEFAULT,
                "test"),
            useCases,
            tokens,
            metrics);
    redis.connections().health().listen(new ToldToListener());
    feed =
        new EventFeed(
            redis.connections(),
            redis.keys(),
            settings.manager(),
            hints(streams),
            System::nanoTime);
    feed.runOnce();
  }

  /** Tokens as a manager of that secret and address makes them, by its clock. */
  static Tokens tokens(Secret secret, String audience, InstantSource clock) {
    return new Tokens(new TokenSettings(List.of(secret), "builds", audience), clock);
  }

  /** Another listener of the same manager. */
  AgentListener listen(AgentListenerSettings settings) {
    return new AgentListener(settings, useCases, tokens, new Metrics());
  }

  private final class ToldToListener implements RedisHealth.Listener {
    @Override
    public void away() {
      listener.serving(false);
    }

    @Override
    public void back(Duration after) {
      listener.serving(true);
    }
  }

  private static EventListener hints(OpenStreams streams) {
    return new EventListener() {
      @Override
      public void hint(Hint hint) {
        if (!hint.build().isEmpty()) {
          streams.hint(new BuildId(hint.build()));
        }
      }

      @Override
      public void expired(BuildId build) {}

      @Override
      public void resync() {}
    };
  }

  /** A new connection to the listener. */
  ManagedChannel channel() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.port()))
            .usePlaintext()
            .maxInboundMessageSize(AgentLimits.BUILD_PACK_BYTES)
            .build();
    channels.add(channel);
    return channel;
  }

  /** Enqueues a build that any agent can do, and launches its worker. */
  Launched launched() {
    return launched(Map.of());
  }

  Launched launched(Map<String, String> buildArgs) {
    return launched(spec("registry.example", List.of("latest"), buildArgs), specs);
  }

  /** One of {@code alice/app} that is pushed to that registry under these tags. */
  Launched launchedFor(String registry, String... tags) {
    return launched(spec(registry, List.of(tags), Map.of()), specs);
  }

  /** One whose secrets were sealed with a key that this manager no longer has. */
  Launched launchedUnderALostKey() {
    byte[] lost = "a key that was rotated away".getBytes(StandardCharsets.UTF_8);
    return launched(
        spec("registry.example", List.of("latest"), Map.of()),
        new SealedSpecs(Sealer.of(List.of(lost))));
  }

  private static BuildSpec spec(String registry, List<String> tags, Map<String, String> buildArgs) {
    return new BuildSpec(
        RepositoryName.parse("alice/app"),
        registry,
        tags,
        new Source.PackageUrl(Secret.of("http://127.0.0.1:1/p.tar.gz")),
        "",
        "",
        buildArgs,
        Map.of(),
        "",
        false,
        new Credentials("$token", Secret.of("canary-push-token")),
        Map.of(),
        EngineNeeds.NONE);
  }

  private Launched launched(BuildSpec spec, SealedSpecs sealing) {
    Set<String> needs =
        Capability.neededBy(spec).stream().map(Capability::word).collect(Collectors.toSet());
    var build =
        new NewBuild(
            BuildId.random(),
            spec.tags().equals(List.of("latest"))
                ? RepositoryName.parse("alice/" + BuildId.random())
                : spec.repository(),
            SealedSpec.of(new byte[0]),
            "hash",
            new NewBuild.Options("", 0, 3, Optional.empty(), needs, ""));
    var sealed =
        new NewBuild(
            build.id(),
            build.repository(),
            SealedSpec.of(sealing.seal(build.id(), spec, Annotations.NONE)),
            build.bodyHash(),
            build.options());
    assertThat(orchestrator.enqueue.run(sealed).held()).contains(build.id());
    var job = orchestrator.launched();
    var grant = new Grant.Registration(job, TestOrchestrator.EXECUTOR);
    return new Launched(job.build(), grant, tokens.mint(grant, Duration.ofMinutes(10)));
  }

  /** A worker that was started. */
  record Launched(BuildId build, Grant.Registration grant, String token) {}

  List<LogEntry> log(BuildId build) {
    return logs.read(build, 0, 1_000).entries();
  }

  /** What the log says, without the manager's own entries. */
  List<String> output(BuildId build) {
    return log(build).stream()
        .filter(
            entry -> entry.type() == LogEntry.Type.LINE || entry.type() == LogEntry.Type.COMMAND)
        .map(LogEntry::message)
        .toList();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    listener.close();
    feed.close();
    threads.close();
    tags.close();
  }
}
