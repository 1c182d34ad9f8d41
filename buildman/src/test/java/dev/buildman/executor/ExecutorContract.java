package dev.buildman.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Secret;
import dev.buildman.model.WorkerExit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every executor must do, whatever it starts workers on. An adapter's test subclasses it and
 * says how to reach its control plane; its agent is a shell that runs {@code $TEST_AGENT}.
 */
public abstract class ExecutorContract {
  protected static final Installation OURS = new Installation("0123456789ab", "state-1");
  protected static final Installation SAME_BUT_OTHER_REDIS = new Installation(OURS.id(), "state-2");
  protected static final Installation OTHER = new Installation("ffffffffffff", "state-1");
  protected static final Secret TOKEN = Secret.of("eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary");
  // A control plane of somebody's may take minutes for what a stand-in does at once.
  private static final Duration LONG =
      Duration.ofSeconds(Integer.getInteger("buildman.contract.seconds", 20));
  private static final AtomicLong CLAIMS = new AtomicLong();

  protected final Queue<WorkerEvent> events = new ConcurrentLinkedQueue<>();
  protected Executor executor;
  private Watch watch;

  /** An executor as a manager has it, also one of a manager that was started just now. */
  protected abstract Executor open(Installation installation);

  /** Brings a control plane up that is a test's own. */
  protected void begin() throws Exception {}

  /** Ends that again, when no worker is left. */
  protected void end() throws Exception {}

  @BeforeEach
  void openOne() throws Exception {
    begin();
    executor = open(OURS);
    watch = executor.watch(events::add);
  }

  @AfterEach
  void stopAll() throws Exception {
    for (Installation installation : List.of(OURS, OTHER)) {
      try (Executor sweeper = open(installation)) {
        listed(sweeper).forEach(worker -> sweeper.stop(worker.ref()));
        await().atMost(LONG).untilAsserted(() -> assertThat(listed(sweeper)).isEmpty());
      }
    }
    watch.close();
    executor.close();
    end();
  }

  /** A request of a new build, for an agent that runs a line of shell. */
  public static WorkerRequest request(String agent) {
    return request(agent, OURS);
  }

  /** As above, of an installation. */
  public static WorkerRequest request(String agent, Installation installation) {
    AttemptId attempt = new AttemptId(BuildId.random(), 1);
    Nonce nonce =
        new Nonce(new ManagerId("m"), CLAIMS.incrementAndGet(), "00112233445566778899aabbccddeeff");
    return new WorkerRequest(
        attempt,
        ExecutionName.of(installation, attempt, nonce),
        installation,
        TOKEN,
        Map.of("TEST_AGENT", agent, "BUILD_UUID", attempt.build().value()),
        Duration.ofMinutes(5));
  }

  protected WorkerRef started(WorkerRequest request) {
    return started(executor, request);
  }

  protected static WorkerRef started(Executor executor, WorkerRequest request) {
    LaunchResult result = executor.start(request);
    assertThat(result).isInstanceOf(LaunchResult.Started.class);
    return WorkerRef.of(request.name(), ((LaunchResult.Started) result).execution());
  }

  protected static List<SeenWorker> listed(Executor executor) {
    Inventory inventory = executor.list();
    assertThat(inventory).isInstanceOf(Inventory.Listed.class);
    return ((Inventory.Listed) inventory).workers();
  }

  protected Exit toldExit(ExecutionName name) {
    await().atMost(LONG).until(() -> exits(name).size() >= 1);
    return exits(name).getFirst();
  }

  private List<Exit> exits(ExecutionName name) {
    return events.stream()
        .filter(event -> event.worker().name().equals(name))
        .filter(WorkerEvent.Exited.class::isInstance)
        .map(event -> ((WorkerEvent.Exited) event).exit())
        .toList();
  }

  protected static void assertGone(Executor executor, WorkerRef worker) {
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Gone.class));
  }

  @Test
  void whoWaitsForAnEndIsAnsweredWhenItComesOrWhenTheTimeIsOver() throws InterruptedException {
    WorkerRef brief = started(request("sleep 1"));
    WorkerRef lasting = started(request("sleep 60"));

    assertThat(executor.awaitGone(brief, LONG)).isInstanceOf(Presence.Gone.class);
    assertThat(executor.awaitGone(lasting, Duration.ofMillis(300)))
        .isInstanceOf(Presence.Present.class);
    executor.stop(lasting);
    assertThat(executor.awaitGone(lasting, LONG)).isInstanceOf(Presence.Gone.class);
  }

  @Test
  void aStartedWorkerIsPresentAndInTheInventory() {
    WorkerRequest request = request("sleep 60");
    WorkerRef worker = started(request);

    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    await()
        .untilAsserted(
            () ->
                assertThat(listed(executor))
                    .containsExactly(new SeenWorker(request.attempt(), worker, OURS.state())));
  }

  @Test
  void theEndIsToldWithItsExitStatus() {
    WorkerRequest request = request("echo working; exit 3");
    WorkerRef worker = started(request);

    Exit exit = toldExit(request.name());
    assertThat(exit.how()).isEqualTo(WorkerExit.withStatus(3));
    assertThat(exit.lastLines()).contains("working");
    assertThat(events)
        .allSatisfy(e -> assertThat(e.worker().attempt()).isEqualTo(request.attempt()));
    // A cloud may still be busy with a machine of which it tells the end.
    await()
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(executor.confirmGone(worker))
                    .isInstanceOfSatisfying(
                        Presence.Gone.class,
                        gone -> assertThat(gone.exit().how()).isEqualTo(exit.how())));
  }

  @Test
  void theEndBySignalIsToldAsASignal() {
    WorkerRequest request = request("kill -9 $$");
    started(request);

    assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.bySignal(9));
  }

  @Test
  void theLastLinesShowNoToken() {
    WorkerRequest request =
        request("echo \"registering with ${TOKEN:-$(cat $TOKEN_FILE)} now\"; exit 1");
    started(request);

    assertThat(toldExit(request.name()).lastLines())
        .anySatisfy(line -> assertThat(line).startsWith("registering with").endsWith("now"))
        .allSatisfy(line -> assertThat(line).doesNotContain("canary"));
  }

  @Test
  void stopEndsAWorkerThatListens() {
    WorkerRequest request = request("trap 'exit 7' TERM; while :; do sleep 0.05; done");
    WorkerRef worker = started(request);

    assertThat(executor.stop(worker)).isInstanceOf(StopResult.Asked.class);
    assertGone(executor, worker);
  }

  @Test
  void stopEndsAWorkerThatIgnoresThePoliteSignal() {
    WorkerRef worker = started(request("trap '' TERM; while :; do sleep 0.05; done"));

    executor.stop(worker);
    assertGone(executor, worker);
  }

  @Test
  void nothingIsLeftInTheInventoryAfterAStop() {
    WorkerRef ended = started(request("exit 0"));
    WorkerRef running = started(request("sleep 60"));

    assertGone(executor, ended);
    executor.stop(ended);
    executor.stop(running);
    await().atMost(LONG).untilAsserted(() -> assertThat(listed(executor)).isEmpty());
  }

  @Test
  void stopIsIdempotentAndTakesAWorkerThatNeverWas() {
    WorkerRef never = WorkerRef.of(request("exit 0").name());

    assertThat(executor.stop(never)).isInstanceOf(StopResult.Asked.class);
    assertThat(executor.stop(never)).isInstanceOf(StopResult.Asked.class);
    assertGone(executor, never);
  }

  @Test
  void aWorkerIsStoppedByItsNameAlone() {
    // Its launch was never answered, so that nobody knows its id (D5, K19, E4).
    WorkerRef worker = WorkerRef.of(started(request("sleep 60")).name());

    executor.stop(worker);
    assertGone(executor, worker);
  }

  @Test
  void oneNameNeverHasTwoWorkers() {
    WorkerRequest request = request("sleep 60");
    WorkerRef first = started(request);

    LaunchResult second = executor.start(request);

    assertThat(second)
        .isIn(
            new LaunchResult.Started(first.id().orElseThrow()),
            second instanceof LaunchResult.Unknown ? second : null);
    assertThat(listed(executor)).hasSize(1);
  }

  @Test
  void anotherManagerAdoptsTheWorker() {
    WorkerRequest request = request("trap 'exit 5' TERM; while :; do sleep 0.05; done");
    WorkerRef worker = started(request);
    watch.close();
    executor.close();

    try (Executor next = open(OURS);
        Watch adopting = next.watch(events::add)) {
      assertThat(adopting).isNotNull();
      assertThat(listed(next)).extracting(SeenWorker::ref).containsExactly(worker);
      assertThat(next.confirmGone(worker)).isInstanceOf(Presence.Present.class);
      next.stop(worker);
      assertGone(next, worker);
    }
  }

  @Test
  void anEndThatNobodyWatchedIsToldLater() {
    watch.close();
    WorkerRequest request = request("exit 4");
    WorkerRef worker = started(request);
    assertGone(executor, worker);
    executor.close();

    try (Executor next = open(OURS);
        Watch adopting = next.watch(events::add)) {
      assertThat(adopting).isNotNull();
      assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.withStatus(4));
    }
  }

  @Test
  void theInventoryIsThatOfTheInstallationWithTheStateOfEach() {
    WorkerRequest foreignState = request("sleep 60", SAME_BUT_OTHER_REDIS);
    started(foreignState);
    try (Executor other = open(OTHER)) {
      WorkerRequest foreign = request("sleep 60", OTHER);
      started(other, foreign);

      assertThat(listed(executor))
          .singleElement()
          .satisfies(
              worker -> {
                assertThat(worker.name()).isEqualTo(foreignState.name());
                assertThat(worker.state()).isEqualTo(SAME_BUT_OTHER_REDIS.state());
              });
    }
  }
}
