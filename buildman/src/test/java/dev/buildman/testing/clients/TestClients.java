package dev.buildman.testing.clients;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.redis.LogAppend;
import dev.buildman.buildlogs.redis.LogLimits;
import dev.buildman.buildlogs.redis.LogRead;
import dev.buildman.buildlogs.redis.RedisBuildLogs;
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
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.Secret;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.redis.ScriptRunner;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Sealer;
import dev.buildman.sources.SourceStore;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The clients' listener on a free port of the loopback, over real scripts and a real Redis. */
public final class TestClients implements AutoCloseable {

  public static final String REGISTRY = "registry.example:5000";

  private final TestOrchestrator all;
  private final LogAppend logAppend;
  private final RedisBuildLogs logs;
  private final EventFeed feed;
  private final ClientListener listener;
  private final AtomicReference<List<Secret>> tokens = new AtomicReference<>(List.of());
  private final AtomicReference<Optional<Why>> standstill = new AtomicReference<>(Optional.empty());
  private final SealedSpecs specs =
      new SealedSpecs(Sealer.of(List.of("the secret of the test".getBytes(UTF_8))));
  private final SourceStore store;

  public TestClients(TestOrchestrator all, Path folder) {
    this(all, folder, Optional.empty());
  }

  public TestClients(TestOrchestrator all, Path folder, Optional<ClientListenerSettings.Tls> tls) {
    this.all = all;
    try {
      this.store = SourceStore.open(folder, 1 << 20, InstantSource.system());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ScriptRunner runner = all.redis().connections().scripts("logs");
    this.logAppend = new LogAppend(runner, LogLimits.DEFAULT);
    this.logs = new RedisBuildLogs(logAppend, new LogRead(runner));
    BuildHints hints = new BuildHints();
    this.feed =
        new EventFeed(
            all.redis().connections(),
            all.keys(),
            TestOrchestrator.MANAGER,
            hints,
            System::nanoTime);
    feed.runOnce();
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    this.listener =
        new ClientListener(new ClientListenerSettings(anyPort, tls, tokens::get), useCases(hints));
  }

  private ClientUseCases useCases(BuildHints hints) {
    Patience patience = new Patience(Ticker.system(), Sleeper.system());
    BuildReader reader = new BuildReader(all.scripts, standstill::get, patience);
    BuildCreation.Parts parts =
        new BuildCreation.Parts(
            all.scripts, specs, new UploadedSources(store), reader, patience, new Metrics());
    BuildCreation creation =
        new BuildCreation(parts, new IntakeSettings(REGISTRY, 3, Optional.empty()));
    StatusReport status =
        new StatusReport(
            all.scripts,
            new StatusReport.Manager(
                "1.2.3",
                new Installation("inst", "state"),
                () ->
                    List.of(
                        new StatusView.ExecutorView(
                            "first", "popen", 0, 4, "closed", Optional.empty())),
                standstill::get,
                () -> List.of("Redis has no append-only file.")),
            patience);
    return new ClientUseCases(
        new ClientUseCases.Changing(
            creation,
            new BuildRetry(parts, creation),
            new BuildCancel(all.scripts, reader, patience, new Metrics())),
        new ClientUseCases.Reading(
            reader, hints, new LogFollow.Logs(logs, new LogHints(), Ticker.system())),
        new ClientUseCases.Operating(
            status,
            new WorkerList(all.scripts, patience),
            new ExecutorControl(all.scripts, status, patience)),
        store);
  }

  public int port() {
    return listener.port();
  }

  /** Host and port. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  public SealedSpecs specs() {
    return specs;
  }

  public SourceStore store() {
    return store;
  }

  /** Wants one of these tokens from now on. */
  public void tokens(String... values) {
    tokens.set(List.of(values).stream().map(Secret::of).toList());
  }

  /** Lets this manager's executors take nothing from now on. */
  public void standStill(Why why) {
    standstill.set(Optional.of(why));
  }

  /** Adds lines to a build's log. */
  public void log(BuildId build, String... lines) {
    for (String line : lines) {
      note(build, LogEntry.line(line, LogEntry.Type.LINE, Instant.EPOCH));
    }
  }

  /** The agent of that session sends nothing more. */
  public void finishLog(SessionRef session) {
    logs.raise(session);
    logs.finish(session).toCompletableFuture().join();
  }

  /** Takes no more lines for that build's log. */
  public void closeLog(BuildId build) {
    logAppend.close(build);
  }

  public void note(BuildId build, LogEntry entry) {
    logs.note(build, entry).toCompletableFuture().join();
  }

  @Override
  public void close() {
    listener.close();
    feed.close();
  }
}
