package dev.buildman.schedule;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Exit;
import dev.buildman.model.BuildId;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.Register;
import dev.buildman.orchestrator.job.Registration;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Cancel;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Events make things fast, the sweep makes them right: each alone does all that both do. How fast,
 * is told by Redis's own times of what happened. On a Redis of its own: keys with a time to live
 * that others left behind delay the events of ours.
 */
@RedisTest
class HintsAndSweepIT {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration IN_THE_END = Duration.ofSeconds(15);

  /** The fastest counts: a busy machine must not look like a slow event. */
  private static final int ROUNDS = 3;

  @TempDir private Path folder;
  private OwnRedis redis;
  private OrchestratorScripts scripts;
  private LoopingManager manager;

  @BeforeEach
  void open(OwnRedis server) {
    redis = server;
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private void start(boolean sweeping, boolean hearing) throws IOException {
    manager = new LoopingManager(redis, folder, sweeping, hearing);
    scripts = manager.scripts;
  }

  private BuildId enqueue() {
    return sure(new Enqueue(scripts).run(TestOrchestrator.build("ns/repo-" + BuildId.random())));
  }

  private JobRecord awaitLaunched(BuildId build) {
    return await()
        .atMost(IN_THE_END)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> new Jobs(scripts).get(build),
            job -> job.map(JobRecord::step).equals(Optional.of(JobRecord.Step.LAUNCHED)))
        .orElseThrow();
  }

  /** When it happened, by Redis's clock; waits for it. */
  private Instant when(BuildId build, String reason) {
    return await()
        .atMost(IN_THE_END)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () ->
                new Builds(scripts)
                    .history(build).stream()
                        .filter(entry -> entry.reason().equals(reason))
                        .map(HistoryEntry::time)
                        .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** When it could be claimed again, by Redis's clock. */
  private Instant awaitHead(BuildId build) {
    return await()
        .atMost(IN_THE_END)
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              Place place = new Builds(scripts).get(build).orElseThrow().standing().place();
              List<String> time = redis.raw().time();
              return place == Place.HEAD
                  ? Optional.of(
                      Instant.ofEpochSecond(
                          Long.parseLong(time.getFirst()), Long.parseLong(time.getLast()) * 1_000))
                  : Optional.<Instant>empty();
            },
            Optional::isPresent)
        .orElseThrow();
  }

  /** Nothing is left of it, so that the next has the only worker's place. */
  private void away(BuildId build) {
    new Cancel(scripts).run(build, "somebody", "");
    await().atMost(IN_THE_END).until(() -> manager.executor.running().isEmpty());
  }

  private static void assertSoon(String what, Supplier<Duration> round) {
    List<Duration> all = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      Duration took = round.get();
      assertThat(took).as(what).isGreaterThanOrEqualTo(Duration.ZERO);
      all.add(took);
      if (took.compareTo(SOON) <= 0) {
        return;
      }
    }
    throw new AssertionError(what + " took longer than a second each time: " + all);
  }

  @Test
  void withoutTheSweepABuildIsLaunchedWithinASecond() throws IOException {
    start(false, true);
    manager.dispatch();

    assertSoon(
        "enqueue to launch",
        () -> {
          BuildId build = enqueue();
          Duration took = Duration.between(when(build, "ENQUEUED"), when(build, "LAUNCHED"));
          away(build);
          return took;
        });
  }

  @Test
  void withoutTheSweepACancelStopsItsWorkerAndTheNextIsLaunchedWithinASecond() throws IOException {
    start(false, true);
    manager.dispatch();

    assertSoon(
        "cancel to the next launch",
        () -> {
          BuildId first = enqueue();
          awaitLaunched(first);
          BuildId next = enqueue();
          when(next, "EXECUTOR_FULL");
          sure(new Cancel(scripts).run(first, "somebody", ""));
          Duration took = Duration.between(when(first, "CANCELLED"), when(next, "LAUNCHED"));
          assertThat(manager.executor.running()).hasSize(1);
          away(next);
          return took;
        });
  }

  @Test
  void withoutTheSweepAWorkerThatEndsMakesRoomForTheNextWithinASecond() throws IOException {
    start(false, true);
    manager.dispatch();

    assertSoon(
        "exit to the next launch",
        () -> {
          BuildId first = enqueue();
          awaitLaunched(first);
          BuildId next = enqueue();
          when(next, "EXECUTOR_FULL");
          manager.executor.end(
              manager.executor.running().getFirst().name(),
              new Exit(WorkerExit.withStatus(1), List.of()));
          Duration took = Duration.between(when(first, "WORKER_EXITED"), when(next, "LAUNCHED"));
          new Cancel(scripts).run(first, "somebody", "");
          away(next);
          return took;
        });
  }

  @Test
  void withoutTheSweepALostManagersClaimIsTakenBackWithinASecond() throws IOException {
    start(false, true);

    assertSoon(
        "a claim's deadline to its end",
        () -> {
          BuildId build = enqueue();
          Instant deadline = lostClaim(build);
          Instant back = awaitHead(build);
          sure(new Cancel(scripts).run(build, "somebody", ""));
          return Duration.between(deadline, back);
        });
    BuildId build = enqueue();
    lostClaim(build);
    manager.dispatch();
    awaitLaunched(build);
  }

  @Test
  void withoutTheSweepASilentAgentsLeaseEndsWithinASecond() throws IOException {
    start(false, true);
    manager.dispatch();

    assertSoon(
        "a lease's end to its attempt's",
        () -> {
          BuildId build = enqueue();
          JobRecord job = awaitLaunched(build);
          Instant deadline = register(job);
          Duration took = Duration.between(deadline, when(build, "HEARTBEAT_LOST"));
          away(build);
          return took;
        });
  }

  @Test
  void withoutEventsEverythingStillHappensInTheEnd() throws IOException {
    start(true, false);
    manager.dispatch();

    BuildId first = enqueue();
    awaitLaunched(first);
    BuildId second = enqueue();
    when(second, "EXECUTOR_FULL");
    sure(new Cancel(scripts).run(first, "somebody", ""));
    register(awaitLaunched(second));
    when(second, "HEARTBEAT_LOST");
    // Its repeat would want the only place, too.
    sure(new Cancel(scripts).run(second, "somebody", ""));
    BuildId third = enqueue();
    awaitLaunched(third);
  }

  @Test
  void theClaimOfALostManagerIsTakenBackByTheSweepAlone() throws IOException {
    start(true, false);
    BuildId build = enqueue();
    lostClaim(build);
    manager.dispatch();

    awaitLaunched(build);
  }

  /** A manager claims it and is heard of no more; answers when its time is over. */
  private Instant lostClaim(BuildId build) {
    Nonce lost = Nonce.of(new ManagerId("lost-" + build), 1, new byte[16]);
    sure(new Claim(scripts).run(lost, 1));
    return new Jobs(scripts).get(build).orElseThrow().times().deadline();
  }

  /** Its agent registers and is heard of no more; answers when its lease is over. */
  private Instant register(JobRecord job) {
    sure(
        new Register(scripts)
            .run(
                new Registration(
                    job.ref(),
                    manager.executor.name(),
                    "call",
                    new Registration.Agent("1.0", Set.of()),
                    LoopingManager.INFO.id(),
                    Optional.empty(),
                    Set.of())));
    return new Jobs(scripts).get(job.attempt().build()).orElseThrow().times().deadline();
  }
}
