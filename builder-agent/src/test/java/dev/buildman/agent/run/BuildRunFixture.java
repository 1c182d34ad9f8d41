package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.EngineChoice;
import dev.buildman.agent.link.ManagerLink;
import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.runtime.Time;
import dev.buildman.agent.source.SourceLimits;
import dev.buildman.agent.source.Sources;
import dev.buildman.agent.usage.UsageMeter;
import dev.buildman.proto.agent.BuildPack;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A whole run with a manager that can fail and an engine that builds nothing. */
abstract class BuildRunFixture {
  static final BuildPack PACK =
      BuildPack.newBuilder()
          .setJobJwt("job-token")
          .setBuildId("b-1")
          .setHeartbeatSeconds(1)
          .setRegistry("registry.example:5000")
          .setRepository("ns/repo")
          .setPushToken("push-secret")
          .addTagNames("latest")
          .addTagNames("v1")
          .putBuildArgs("BASE", "quay.io/base/image")
          .setInlineDockerfile(ByteString.copyFromUtf8("ARG BASE\nFROM ${BASE}:1\nRUN something\n"))
          .build();

  @TempDir Path folder;
  final FakeEngine engine = new FakeEngine();
  TestManager manager;
  private ManagerLink link;
  private Thread thread;
  Termination termination;

  CompletableFuture<Outcome> start(BuildPack pack) throws Exception {
    return start(pack, Duration.ofSeconds(30));
  }

  CompletableFuture<Outcome> start(BuildPack pack, Duration window) throws Exception {
    manager = new TestManager(pack);
    return start(window);
  }

  CompletableFuture<Outcome> start(Duration window) throws Exception {
    link = ManagerLink.open(manager.address(), "1", window, Time.system());
    Introduction introduction =
        new Introduction("reg-token", "1", "host", Capabilities.OF_EVERY_AGENT);
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    thread = Thread.ofPlatform().unstarted(() -> run(introduction, outcome));
    termination = new Termination(thread);
    thread.start();
    return outcome;
  }

  private void run(Introduction introduction, CompletableFuture<Outcome> outcome) {
    try {
      Ticker ticker = Time.system().ticker();
      outcome.complete(
          new BuildRun(
                  link,
                  introduction,
                  this::toolbox,
                  ticker,
                  termination,
                  UsageMeter.of(folder, ticker))
              .run());
    } catch (RuntimeException e) {
      outcome.completeExceptionally(e);
    }
  }

  private Toolbox toolbox() {
    Time time = Time.system();
    Processes processes =
        new Processes(time.ticker(), time.sleeper(), new Executables(""), Map.of());
    Sources sources =
        new Sources(
            processes,
            HttpClient.newHttpClient(),
            SourceLimits.defaults(),
            time.ticker(),
            time.sleeper(),
            Map.of());
    return new Toolbox(
        sources,
        new EngineChoice(List.of(engine)),
        EngineChoice.AUTO,
        RegistrySettings.defaults(),
        folder,
        false,
        time.wallClock());
  }

  static Outcome outcome(CompletableFuture<Outcome> run) {
    assertThat(run).succeedsWithin(Duration.ofSeconds(20));
    return run.join();
  }

  void awaitStep() throws InterruptedException {
    engine.reached.await();
  }

  @AfterEach
  void stop() throws Exception {
    thread.interrupt();
    thread.join(Duration.ofSeconds(10));
    link.close();
    manager.close();
    assertThat(folder).as("the work folder is removed").isEmptyDirectory();
  }
}
