package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRef;
import dev.buildman.model.Reason;
import dev.buildman.model.WorkerExit;
import dev.buildman.testing.ec2.Ec2Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Each way in which instances live and end other than one expects (E3, E5, E7 to E10, E14). */
class Ec2LifeTrapsIT extends Ec2Fixture {
  private final Queue<WorkerEvent> events = new ConcurrentLinkedQueue<>();

  @Test
  void manyWhoAskShareALookE3() throws Exception {
    try (Ec2Executor executor = account.open(Requests.OURS)) {
      List<WorkerRef> workers =
          IntStream.range(0, 10).mapToObj(_ -> started(executor, request())).toList();
      account.server.weather(
          action ->
              action.equals("DescribeInstances") ? Ec2Fault.late(Duration.ofMillis(300)) : null);
      long before = account.server.calls("DescribeInstances");

      assertThat(atOnce(workers, executor::confirmGone))
          .allMatch(Presence.Present.class::isInstance);

      assertThat(account.server.calls("DescribeInstances") - before).isBetween(1L, 2L);
    }
  }

  @Test
  void manyEndsShareACallE3() throws Exception {
    try (Ec2Executor executor = account.open(Requests.OURS)) {
      List<WorkerRef> workers =
          IntStream.range(0, 10).mapToObj(_ -> started(executor, request())).toList();
      account.server.weather(
          action ->
              action.equals("TerminateInstances") ? Ec2Fault.late(Duration.ofMillis(300)) : null);

      assertThat(atOnce(workers, executor::stop)).allMatch(StopResult.Asked.class::isInstance);

      assertThat(account.server.calls("TerminateInstances")).isLessThan(6);
      await().atMost(LONG).untilAsserted(() -> assertThat(account.server.charged()).isEmpty());
    }
  }

  private static <T, R> List<R> atOnce(List<T> all, Function<T, R> work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<R>> tasks =
          all.stream().<Callable<R>>map(one -> () -> work.apply(one)).toList();
      return threads.invokeAll(tasks).stream().map(future -> future.resultNow()).toList();
    }
  }

  @Test
  void oneUnknownInstanceDoesNotKeepTheOthersFromEndingE3() throws Exception {
    try (Ec2Executor executor = account.open(Requests.OURS)) {
      WorkerRef one = started(executor, request());
      account.server.hiddenFor(Duration.ofMinutes(1));
      WorkerRef hidden = started(executor, request());
      account.server.next("TerminateInstances", Ec2Fault.late(Duration.ofMillis(300)));
      WorkerRef first = started(executor, request());

      assertThat(atOnce(List.of(first, hidden, one), executor::stop))
          .allMatch(StopResult.Asked.class::isInstance);

      await()
          .atMost(LONG)
          .untilAsserted(
              () -> assertThat(executor.confirmGone(one)).isInstanceOf(Presence.Gone.class));
    }
  }

  @Test
  void notFoundSoonAfterALaunchIsNotGoneE5() {
    account.server.hiddenFor(Duration.ofMinutes(1));
    Pace patient =
        new Pace(
            TestAccount.QUICK.watched(),
            TestAccount.QUICK.idle(),
            TestAccount.QUICK.fresh(),
            Duration.ofMinutes(5),
            TestAccount.QUICK.console());
    try (Ec2Executor executor = account.open(patient)) {
      WorkerRef worker = started(executor, request());

      assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Unknown.class);
      assertThat(executor.confirmGone(WorkerRef.of(worker.name())))
          .isInstanceOf(Presence.Unknown.class);

      account.server.showAll();
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class));
    }
  }

  @Test
  void aListOfManyPagesIsReadToItsEndWithoutThoseThatAreGoneE7() {
    account.server.pagesOf(5);
    try (Ec2Executor executor = account.open(Requests.OURS)) {
      List<WorkerRef> workers =
          IntStream.range(0, 12).mapToObj(_ -> started(executor, request())).toList();
      executor.stop(workers.getFirst());
      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(((Inventory.Listed) executor.list()).workers())
                      .extracting(SeenWorker::ref)
                      .containsExactlyInAnyOrderElementsOf(workers.subList(1, 12)));
    }
  }

  @Test
  void whatEndedLongAgoIsNotListedAgainAndAgainE3E7() {
    try (Ec2Executor executor = account.open(Requests.OURS)) {
      assertThat(executor.list()).isInstanceOf(Inventory.Listed.class);
      WorkerRef worker = started(executor, request());
      assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
      account.server.endByUser(worker.id().orElseThrow().value());

      await()
          .atMost(LONG)
          .untilAsserted(
              () -> assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Gone.class));
      assertThat(executor.list()).isEqualTo(new Inventory.Listed(List.of()));
      assertThat(account.server.lastCall("DescribeInstances").values())
          .contains("running")
          .doesNotContain("terminated");
    }
  }

  @Test
  void anInstanceWithAPersonsTagIsLeftAloneE9() {
    try (Ec2Executor executor = account.open(Requests.OURS);
        Account calls = new Account(account.settings().access())) {
      WorkerRef worker = started(executor, request());
      String id = worker.id().orElseThrow().value();
      Tag keep = Tag.builder().key(InstanceTags.KEEP).value("").build();
      calls.looks().createTags(r -> r.resources(id).tags(keep));

      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(executor.stop(worker))
                      .isInstanceOfSatisfying(
                          StopResult.Failed.class,
                          failed -> assertThat(failed.sentence()).contains(InstanceTags.KEEP)));
      assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    }
  }

  @Test
  void aSpotInstanceThatIsToBeTakenIsToldOfWhileItRunsE10() {
    try (Ec2Executor executor = account.open(Requests.OURS, "EC2_SPOT: true");
        Watch watch = executor.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRef worker = started(executor, request());
      account.server.interrupt(worker.id().orElseThrow().value(), Duration.ofMinutes(2));

      assertThat(told(WorkerEvent.Notice.class).reason()).isEqualTo(Reason.SPOT_INTERRUPTED);
      assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
    }
  }

  @Test
  void aSpotInstanceThatWasTakenWithoutNoticeIsNoFaultOfItsAgentE10() {
    try (Ec2Executor executor = account.open(Requests.OURS, "EC2_SPOT: true");
        Watch watch = executor.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRef worker = started(executor, request());
      account.server.end(
          worker.id().orElseThrow().value(),
          "Server.SpotInstanceTermination",
          "Spot instance termination");

      assertThat(told(WorkerEvent.Notice.class).reason()).isEqualTo(Reason.SPOT_INTERRUPTED);
    }
  }

  /** The first event of a kind, as soon as it is told. */
  private <T extends WorkerEvent> T told(Class<T> kind) {
    return await()
        .atMost(LONG)
        .until(
            () -> events.stream().filter(kind::isInstance).map(kind::cast).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void anInstanceThatTheProviderEndsIsAnInterruptionInItsWords() {
    try (Ec2Executor executor = account.open(Requests.OURS);
        Watch watch = executor.watch(events::add)) {
      assertThat(watch).isNotNull();
      WorkerRef worker = started(executor, request());
      account.server.end(
          worker.id().orElseThrow().value(),
          "Server.InternalError",
          "Server.InternalError: Internal error on launch");

      WorkerEvent.Notice notice = told(WorkerEvent.Notice.class);
      assertThat(notice.reason()).isEqualTo(Reason.NODE_LOST);
      assertThat(notice.sentence()).contains("Internal error");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Client.VolumeLimitExceeded QUOTA_EXCEEDED",
        "Server.InsufficientInstanceCapacity UNSCHEDULABLE",
        "Client.InternalError EXECUTOR_UNAVAILABLE"
      })
  void anInstanceThatNeverRanCostsItsBuildNothing(String codeAndReason) {
    String code = codeAndReason.split(" ", -1)[0];
    Reason reason = Reason.valueOf(codeAndReason.split(" ", -1)[1]);
    account.server.failLaunches(code, "in the provider's words");
    try (Ec2Executor executor = account.open(Requests.OURS);
        Watch watch = executor.watch(events::add)) {
      assertThat(watch).isNotNull();
      started(executor, request());

      WorkerEvent.Stuck stuck = told(WorkerEvent.Stuck.class);
      assertThat(stuck.reason()).isEqualTo(reason);
      assertThat(stuck.sentence()).contains("in the provider's words");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"c5.large", "t2.micro"})
  void whatAMachinePrintedIsToBeHadWhileItHangsE14(String type) {
    // The older type shows its console only some time after a change of state.
    account.server.console(_ -> "[    9.1] ignition[601]: no route to host\nstuck\n");
    try (Executor executor = account.open(Requests.OURS, "EC2_INSTANCE_TYPE: " + type)) {
      WorkerRef worker = started(executor, request());
      assertThat(executor.printed(worker)).containsExactly("no route to host", "stuck");
    }
  }

  @Test
  void anAgentThatFailedIsKeptForAWhileWhereSomebodyDebugs() {
    account.server.console(_ -> "buildman: worker ended: status=3 result=exit-code\n");
    try (Ec2Executor executor = account.open(Requests.OURS, "DEBUG: true")) {
      WorkerRef worker = started(executor, request());
      assertThat(executor.stop(worker)).isInstanceOf(StopResult.Asked.class);

      assertThat(executor.confirmGone(worker))
          .isInstanceOfSatisfying(
              Presence.Gone.class,
              gone -> assertThat(gone.exit().how()).isEqualTo(WorkerExit.withStatus(3)));
      assertThat(((Inventory.Listed) executor.list()).workers()).isEmpty();
      assertThat(account.server.charged()).hasSize(1);
    }
  }
}
