package dev.buildman.edge.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.job.Heartbeat;
import dev.buildman.orchestrator.queue.TellHeads;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.ResourceUsage;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
@Timeout(30)
class StreamsIT {

  @TempDir Path folder;
  private TestOrchestrator all;
  private TestClients clients;
  private ManagedChannel channel;
  private BuildsGrpc.BuildsBlockingStub builds;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis);
    clients = new TestClients(all, folder);
    channel =
        Grpc.newChannelBuilder(clients.address(), InsecureChannelCredentials.create()).build();
    builds = BuildsGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    clients.close();
  }

  @Test
  void aWatchTellsEachPhaseWithItsEventsAndEndsWithTheBuild() {
    String id = create();
    Iterator<WatchBuildResponse> watch = builds.watchBuild(watch(id).build());
    WatchBuildResponse first = watch.next();
    assertThat(first.getBuild().getPhase().name()).isEqualTo("PHASE_WAITING");
    assertThat(reasons(first)).containsExactly("ENQUEUED");
    SessionRef session = all.registered();
    all.to(session, 1, Phase.BUILDING);
    List<String> reasons = new ArrayList<>();
    Build last = first.getBuild();
    while (!last.getPhase().name().equals("PHASE_BUILDING")) {
      WatchBuildResponse next = watch.next();
      last = next.getBuild();
      reasons.addAll(reasons(next));
    }
    assertThat(last.getAttempt()).isOne();
    assertThat(last.getWorker().getExecutionId()).isEqualTo("id-1");
    assertThat(reasons)
        .containsExactly("ATTEMPT_STARTED", "LAUNCHED", "REGISTERED", "PHASE_CHANGED");
    cancel(id);
    WatchBuildResponse end = watch.next();
    while (watch.hasNext()) {
      end = watch.next();
    }
    assertThat(end.getBuild().getPhase().name()).isEqualTo("PHASE_CANCELLED");
  }

  @Test
  void aWatchTellsWhyNothingIsStarted() {
    String id = create();
    Iterator<WatchBuildResponse> watch = builds.watchBuild(watch(id).build());
    watch.next();
    Why why = Why.of(Reason.CIRCUIT_OPEN, "k8s: failed too often");
    clients.standStill(why);
    new TellHeads(all.scripts).run(why, 10);
    List<String> reasons = new ArrayList<>();
    Build last = Build.getDefaultInstance();
    while (reasons.isEmpty() || !last.getReason().equals("CIRCUIT_OPEN")) {
      WatchBuildResponse told = watch.next();
      last = told.getBuild();
      reasons.addAll(reasons(told));
    }
    assertThat(last.getReasonText()).isEqualTo("k8s: failed too often");
    assertThat(reasons).containsExactly("CIRCUIT_OPEN");
  }

  @Test
  void aWatchHearsOfAChangeAtOnceAndNotAtItsNextLook() {
    String id = create();
    Iterator<WatchBuildResponse> watch = builds.watchBuild(watch(id).build());
    watch.next();
    long before = System.nanoTime();
    cancel(id);
    watch.next();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(1500));
  }

  @Test
  void aWatchOfAnEndedBuildTellsItsEndAndCloses() {
    String id = create();
    cancel(id);
    Iterator<WatchBuildResponse> watch = builds.watchBuild(watch(id).build());
    assertThat(watch.next().getBuild().getPhase().name()).isEqualTo("PHASE_CANCELLED");
    assertThat(watch.hasNext()).isFalse();
  }

  @Test
  void aWatchThatGoesOnSkipsTheEventsThatWereSeen() {
    String id = create();
    Event seen = builds.watchBuild(watch(id).build()).next().getEvents(0);
    all.advance(Duration.ofSeconds(1));
    cancel(id);
    WatchBuildRequest request = watch(id).setEventsAfter(seen.getTime()).build();
    assertThat(reasons(builds.watchBuild(request).next())).containsExactly("CANCELLED");
  }

  @Test
  void aWatchThatGoesOnAtItsCursorMissesNoEventOfTheSameMillisecond() {
    String id = create();
    WatchBuildResponse first = builds.watchBuild(watch(id).build()).next();
    cancel(id);
    WatchBuildRequest request = watch(id).setCursor(first.getCursor()).build();
    WatchBuildResponse second = builds.watchBuild(request).next();
    assertThat(reasons(second)).containsExactly("CANCELLED");
    assertThat(second.getEvents(0).getTime()).isEqualTo(first.getEvents(0).getTime());
    WatchBuildRequest again = watch(id).setCursor(second.getCursor()).build();
    assertThat(reasons(builds.watchBuild(again).next())).isEmpty();
  }

  @Test
  void aCursorThatIsNoneIsRefused() {
    WatchBuildRequest request = watch(create()).setCursor("yesterday").build();
    Failure failure = Failure.of(() -> builds.watchBuild(request).next());
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.fields()).containsExactly("cursor");
  }

  @Test
  void aWatchIsNotWokenByEveryHeartbeatButTellsWhatTheWorkerUses() throws Exception {
    String id = create();
    SessionRef session = all.registered();
    Iterator<WatchBuildResponse> watch = builds.watchBuild(watch(id).build());
    watch.next();
    Usage usage = new Usage(1500, 64 << 20, 1 << 30);
    all.heartbeat
        .runAsync(List.of(new Heartbeat.Beat(session, usage)), TestOrchestrator.MANAGER)
        .toCompletableFuture()
        .get();
    all.heartbeat.run(session, TestOrchestrator.MANAGER);
    all.to(session, 1, Phase.UNPACKING);
    WatchBuildResponse next = watch.next();
    assertThat(next.getBuild().getPhase().name()).as("the next change").endsWith("UNPACKING");
    assertThat(next.getBuild().getWorker().getUsage())
        .isEqualTo(
            ResourceUsage.newBuilder()
                .setCpuMillis(1500)
                .setMemoryBytes(64 << 20)
                .setDiskBytes(1 << 30)
                .build());
  }

  @Test
  void aFollowedLogWaitsForLateLinesUntilItIsClosed() throws Exception {
    String id = create();
    SessionRef session = all.registered();
    clients.log(session.build(), "early");
    Iterator<TailLogsResponse> tail = builds.tailLogs(follow(id));
    assertThat(tail.next().getEntries(0).getMessage()).isEqualTo("early");
    cancel(id);
    Thread.sleep(1500); // Nothing comes for longer than a reader would be patient.
    clients.log(session.build(), "late");
    assertThat(tail.next().getEntries(0).getMessage()).isEqualTo("late");
    clients.closeLog(session.build());
    assertThat(tail.hasNext()).isFalse();
  }

  @Test
  void aFollowedLogEndsOnceItsAgentHasSentAllOfAnEndedBuild() {
    String id = create();
    SessionRef session = all.registered();
    clients.log(session.build(), "line");
    Iterator<TailLogsResponse> tail = builds.tailLogs(follow(id));
    tail.next();
    clients.finishLog(session);
    cancel(id);
    assertThat(tail.hasNext()).isFalse();
  }

  private static TailLogsRequest follow(String id) {
    return TailLogsRequest.newBuilder().setBuildId(id).setFollow(true).build();
  }

  @Test
  void aFollowedLogTellsEveryLineOnceFromAnIndexOnAndEndsWithTheBuild() {
    String id = create();
    BuildId build = new BuildId(id);
    clients.log(build, IntStream.range(0, 250).mapToObj(i -> "line " + i).toArray(String[]::new));
    TailLogsRequest request =
        TailLogsRequest.newBuilder().setBuildId(id).setFrom(100).setFollow(true).build();
    Iterator<TailLogsResponse> tail = builds.tailLogs(request);
    List<String> lines = new ArrayList<>();
    long next = 100;
    while (lines.size() < 150) {
      TailLogsResponse page = tail.next();
      assertThat(page.getIndex()).isEqualTo(next);
      next += page.getEntriesCount();
      page.getEntriesList().stream().map(LogEntry::getMessage).forEach(lines::add);
    }
    clients.log(build, "late");
    assertThat(tail.next().getEntries(0).getMessage()).isEqualTo("late");
    cancel(id);
    assertThat(tail.hasNext()).isFalse();
    assertThat(lines).hasSize(150).startsWith("line 100").endsWith("line 249");
  }

  @Test
  void aLogThatIsNotFollowedEndsWhereItIs() {
    String id = create();
    clients.log(new BuildId(id), "one", "two");
    Iterator<TailLogsResponse> tail =
        builds.tailLogs(TailLogsRequest.newBuilder().setBuildId(id).build());
    assertThat(tail.next().getEntriesCount()).isEqualTo(2);
    assertThat(tail.hasNext()).isFalse();
  }

  @Test
  void aStreamOfAnUnknownBuildIsRefused() {
    String unknown = BuildId.random().value();
    Failure watch = Failure.of(() -> builds.watchBuild(watch(unknown).build()).next());
    assertThat(watch.code()).isEqualTo(Status.Code.NOT_FOUND);
    TailLogsRequest request = TailLogsRequest.newBuilder().setBuildId(unknown).build();
    Failure tail = Failure.of(() -> builds.tailLogs(request).next());
    assertThat(tail.code()).isEqualTo(Status.Code.NOT_FOUND);
  }

  private String create() {
    BuildSpec spec =
        BuildSpec.newBuilder()
            .setRepository("acme/app")
            .setGit(GitSource.newBuilder().setUrl("https://git.example/app.git"))
            .build();
    return builds
        .createBuild(CreateBuildRequest.newBuilder().setSpec(spec).build())
        .getBuild()
        .getId();
  }

  private void cancel(String id) {
    assertThat(builds.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(id).build()).getId())
        .isEqualTo(id);
  }

  private static WatchBuildRequest.Builder watch(String id) {
    return WatchBuildRequest.newBuilder().setBuildId(id);
  }

  private static List<String> reasons(WatchBuildResponse response) {
    return response.getEventsList().stream().map(Event::getReason).toList();
  }
}
