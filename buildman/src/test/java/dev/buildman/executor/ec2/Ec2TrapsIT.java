package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Reason;
import dev.buildman.model.WorkerExit;
import dev.buildman.testing.ec2.Ec2Error;
import dev.buildman.testing.ec2.Ec2Fault;
import dev.buildman.testing.ec2.Region;
import dev.buildman.testing.ec2.SeenInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.ec2.model.Tag;

/** Each way in which EC2 is other than one expects (E1 to E17). */
class Ec2TrapsIT {
  private static final String TWO_SUBNETS =
      "EC2_VPC_SUBNET_ID: [%s, %s]".formatted(Region.SUBNET_A, Region.SUBNET_B);
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir private Path folder;
  private TestAccount account;
  private final Queue<WorkerEvent> events = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void begin() throws IOException {
    account = new TestAccount(folder);
  }

  @AfterEach
  void end() {
    account.close();
  }

  private static WorkerRequest request() {
    return Requests.of("sleep 60");
  }

  private static WorkerRef started(Executor executor, WorkerRequest request) {
    LaunchResult result = executor.start(request);
    assertThat(result).isInstanceOf(LaunchResult.Started.class);
    return WorkerRef.of(request.name(), ((LaunchResult.Started) result).execution());
  }

  private static void assertNothing(LaunchResult result, FailureClass failure, String... words) {
    assertThat(result)
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(failure);
              assertThat(nothing.sentence()).contains(words);
            });
  }

  private List<SeenInstance> launched() {
    return account.server.launched();
  }

  @Test
  void aFullPoolIsPassedOverAndLeftAloneForAWhileE1() {
    account.server.lack(
        pool ->
            pool.subnet().equals(Region.SUBNET_A)
                ? Ec2Error.noCapacity(pool.type(), pool.zone())
                : null);
    try (Executor executor = account.open(Requests.OURS, TWO_SUBNETS)) {
      long before = account.server.calls("RunInstances");
      started(executor, request());
      started(executor, request());

      assertThat(launched()).hasSize(2).allMatch(i -> i.pool().subnet().equals(Region.SUBNET_B));
      assertThat(account.server.calls("RunInstances") - before).isEqualTo(3);
    }
  }

  @Test
  void whereNoPoolHasRoomNothingWasStartedE1() {
    Map<String, String> codes = new TreeMap<>();
    for (String code :
        List.of(
            "InsufficientInstanceCapacity",
            "UnfulfillableCapacity",
            "InsufficientHostCapacity",
            "InsufficientCapacityOnHost",
            "SpotMaxPriceTooLow",
            "MaxSpotInstanceCountExceeded",
            "InsufficientFreeAddressesInSubnet",
            "Unsupported")) {
      String type = "z%d.large".formatted(codes.size());
      account.server.region().type(type, "x86_64", 2);
      codes.put(type, code);
    }
    account.server.lack(pool -> Ec2Error.ofPool(codes.get(pool.type())));
    try (Executor executor = account.open(Requests.OURS, "EC2_INSTANCE_TYPE: " + codes.keySet())) {
      assertNothing(executor.start(request()), FailureClass.NO_CAPACITY, "no pool has room");
      assertNothing(
          executor.start(request()),
          FailureClass.NO_CAPACITY,
          codes.values().toArray(String[]::new));
      assertThat(launched()).isEmpty();
    }
  }

  @Test
  void furtherCodesMayMeanAFullPoolE1() {
    account.server.lack(_ -> Ec2Error.blocked());
    try (Executor executor = account.open(Requests.OURS, "EC2_CAPACITY_ERRORS: [Blocked]")) {
      assertNothing(executor.start(request()), FailureClass.NO_CAPACITY, "Blocked");
    }
    try (Executor executor = account.open(Requests.OURS)) {
      assertNothing(executor.start(request()), FailureClass.REFUSED, "Blocked");
    }
  }

  @Test
  void theAccountsQuotaIsNotAskedForEachBuildE2() {
    account.server.quota(0);
    try (Executor executor = account.open(Requests.OURS)) {
      assertNothing(
          executor.start(request()),
          FailureClass.OVER_QUOTA,
          "VcpuLimitExceeded",
          "limit of 0",
          "larger quota");
      long asked = account.server.calls("RunInstances");
      assertNothing(executor.start(request()), FailureClass.OVER_QUOTA, "VcpuLimitExceeded");
      assertThat(account.server.calls("RunInstances")).isEqualTo(asked);
    }
  }

  @Test
  void aThrottledLaunchIsRepeatedSlowlyE3() {
    try (Executor executor = account.open(Requests.OURS)) {
      account.server.next("RunInstances", Ec2Fault.refuse(Ec2Error.throttled()));
      started(executor, request());
      assertThat(launched()).hasSize(1);
    }
  }

  @Test
  void aLaunchThatIsAlwaysThrottledSurelyStartedNothingE3() {
    try (Executor executor = account.open(Requests.OURS)) {
      account.server.weather(
          action -> action.equals("RunInstances") ? Ec2Fault.refuse(Ec2Error.throttled()) : null);
      assertNothing(executor.start(request()), FailureClass.THROTTLED, "RequestLimitExceeded");
    }
  }

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
  void aLaunchWhoseAnswerIsLostIsMadeOnceE4() {
    try (Executor executor = account.open(Requests.OURS)) {
      for (Ec2Fault fault :
          List.of(Ec2Fault.loseTheAnswer(), Ec2Fault.failAfterwards(), Ec2Fault.breakOff())) {
        int before = launched().size();
        account.server.next("RunInstances", fault);
        WorkerRef worker = started(executor, request());
        assertThat(launched()).hasSize(before + 1);
        assertThat(launched().getLast().id()).isEqualTo(worker.id().orElseThrow().value());
      }
    }
  }

  @Test
  void aLaunchWithoutAnyAnswerIsFoundByItsTagE4() {
    try (Executor executor = account.open(Requests.OURS)) {
      account.server.weather(
          action -> action.equals("RunInstances") ? Ec2Fault.loseTheAnswer() : null);
      started(executor, request());
      assertThat(launched()).hasSize(1);
    }
  }

  @Test
  void aLaunchWithoutAnAnswerThatNoListShowsIsUnknownE4E5() {
    try (Executor executor = account.open(Requests.OURS)) {
      account.server.hiddenFor(Duration.ofMinutes(1));
      account.server.weather(
          action -> action.equals("RunInstances") ? Ec2Fault.loseTheAnswer() : null);
      WorkerRequest request = request();

      assertThat(executor.start(request)).isInstanceOf(LaunchResult.Unknown.class);

      account.server.showAll();
      WorkerRef nameless = WorkerRef.of(request.name());
      assertThat(executor.confirmGone(nameless)).isInstanceOf(Presence.Present.class);
      executor.stop(nameless);
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> assertThat(executor.confirmGone(nameless)).isInstanceOf(Presence.Gone.class));
    }
  }

  @Test
  void aTokenThatWasUsedWithOtherParametersMeansThatTheWorkerIsThereE4() {
    WorkerRequest request = request();
    WorkerRef first;
    try (Executor executor = account.open(Requests.OURS)) {
      first = started(executor, request);
    }
    // As after a manager's restart, with a newer image of the channel.
    account.server.region().image("ami-000000000000000ff", "x86_64");
    try (Executor executor = account.open(Requests.OURS, "COREOS_AMI: ami-000000000000000ff")) {
      assertThat(started(executor, request)).isEqualTo(first);
      assertThat(launched()).hasSize(1);
    }
  }

  @Test
  void oneNameHasOneInstanceEvenIfAnEarlierPoolHasRoomAgainE4() {
    account.server.lack(
        pool ->
            pool.subnet().equals(Region.SUBNET_A)
                ? Ec2Error.noCapacity(pool.type(), pool.zone())
                : null);
    try (Executor executor = account.open(Requests.OURS, TWO_SUBNETS)) {
      WorkerRequest request = request();
      WorkerRef first = started(executor, request);
      account.server.lack(_ -> null);
      assertThat(started(executor, request)).isEqualTo(first);
      assertThat(launched()).hasSize(1);
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
  void everythingIsTaggedInTheLaunchItselfE6() {
    try (Executor executor = account.open(Requests.OURS, "EC2_TAGS: {team: platform}")) {
      WorkerRequest request = request();
      started(executor, request);

      Map<String, String> call = account.server.lastCall("RunInstances");
      assertThat(call)
          .containsEntry("TagSpecification.1.ResourceType", "instance")
          .containsEntry("TagSpecification.2.ResourceType", "volume")
          .containsEntry("TagSpecification.3.ResourceType", "network-interface");
      assertThat(launched().getFirst().tags())
          .containsEntry("Name", request.name().value())
          .containsEntry("team", "platform")
          .containsEntry("buildman.dev/installation", Requests.OURS.id())
          .containsEntry("buildman.dev/redis-state", Requests.OURS.state());
      assertThat(account.server.calls("CreateTags")).isZero();
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

      await().atMost(LONG).untilAsserted(() -> assertThat(events).anyMatch(this::isSpotNotice));
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

      await().atMost(LONG).untilAsserted(() -> assertThat(events).anyMatch(this::isSpotNotice));
    }
  }

  private boolean isSpotNotice(WorkerEvent event) {
    return event instanceof WorkerEvent.Notice notice && notice.reason() == Reason.SPOT_INTERRUPTED;
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

      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(events)
                      .anySatisfy(
                          event ->
                              assertThat(event)
                                  .isInstanceOfSatisfying(
                                      WorkerEvent.Notice.class,
                                      notice -> {
                                        assertThat(notice.reason()).isEqualTo(Reason.NODE_LOST);
                                        assertThat(notice.sentence()).contains("Internal error");
                                      })));
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

      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(events)
                      .anySatisfy(
                          event ->
                              assertThat(event)
                                  .isInstanceOfSatisfying(
                                      WorkerEvent.Stuck.class,
                                      stuck -> {
                                        assertThat(stuck.reason()).isEqualTo(reason);
                                        assertThat(stuck.sentence())
                                            .contains("in the provider's words");
                                      })));
    }
  }

  @Test
  void theTokenIsInTheUserDataAloneE12() {
    try (Executor executor = account.open(Requests.OURS, "EC2_SPOT: true")) {
      started(executor, request());
      Map<String, String> call = account.server.lastCall("RunInstances");
      assertThat(call.keySet()).contains("UserData");
      call.forEach(
          (key, value) -> {
            if (!key.equals("UserData")) {
              assertThat(value).doesNotContain("canary");
            }
          });
    }
  }

  @Test
  void containersDoNotReachTheMetadataAndTheDiskIsEncryptedE13() {
    try (Executor executor = account.open(Requests.OURS, "BLOCK_DEVICE_SIZE: 60")) {
      started(executor, request());
      assertThat(account.server.lastCall("RunInstances"))
          .containsEntry("MetadataOptions.HttpTokens", "required")
          .containsEntry("MetadataOptions.HttpPutResponseHopLimit", "1")
          .containsEntry("BlockDeviceMapping.1.DeviceName", "/dev/xvda")
          .containsEntry("BlockDeviceMapping.1.Ebs.VolumeSize", "60")
          .containsEntry("BlockDeviceMapping.1.Ebs.VolumeType", "gp3")
          .containsEntry("BlockDeviceMapping.1.Ebs.Encrypted", "true")
          .containsEntry("InstanceInitiatedShutdownBehavior", "terminate");
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
  void anImageThatIsNoMoreIsLookedUpAnewE16() {
    account.server.region().image("ami-000000000000000aa", "x86_64");
    try (Executor executor = account.open(Requests.OURS)) {
      account.server.region().deregister(Region.IMAGE_X86);
      account.server.stream("stable", "x86_64", "ami-000000000000000aa");

      assertNothing(
          executor.start(request()), FailureClass.REFUSED, "InvalidAMIID.NotFound", "COREOS_AMI");
      assertThat(executor.check()).isEmpty();
      assertThat(account.server.lastCall("RunInstances"))
          .containsEntry("ImageId", "ami-000000000000000aa");
    }
  }

  @Test
  void onDemandAfterSpotIsAskedForWithoutAnythingOfSpotE17() {
    account.server.lack(
        pool -> pool.spot() ? Ec2Error.ofPool("MaxSpotInstanceCountExceeded") : null);
    try (Executor executor = account.open(Requests.OURS, "EC2_SPOT: true")) {
      started(executor, request());
      assertThat(launched()).singleElement().matches(i -> !i.pool().spot());
      assertThat(account.server.lastCall("RunInstances").entrySet())
          .noneMatch(e -> e.getKey().contains("Market"))
          .noneMatch(e -> e.getValue().contains("spot"));
    }
  }

  @Test
  void aBuildThatWasInterruptedIsRepeatedOnDemandE10E17() {
    try (Executor executor = account.open(Requests.OURS, "EC2_SPOT: true")) {
      started(executor, request());
      started(executor, Requests.afterInterruption("sleep 60"));
      assertThat(launched()).extracting(i -> i.pool().spot()).containsExactly(true, false);
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
