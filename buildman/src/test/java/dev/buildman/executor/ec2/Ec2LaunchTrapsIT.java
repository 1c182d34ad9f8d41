package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.testing.ec2.Ec2Error;
import dev.buildman.testing.ec2.Ec2Fault;
import dev.buildman.testing.ec2.Region;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Each way in which launches on EC2 are other than one expects (E1 to E6, E12, E13, E16, E17). */
class Ec2LaunchTrapsIT extends Ec2Fixture {
  private static final String TWO_SUBNETS =
      "EC2_VPC_SUBNET_ID: [%s, %s]".formatted(Region.SUBNET_A, Region.SUBNET_B);

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
}
