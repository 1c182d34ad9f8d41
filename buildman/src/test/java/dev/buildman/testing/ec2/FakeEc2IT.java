package dev.buildman.testing.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.ShutdownBehavior;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.sts.StsClient;

/** The stand-in, asked by Amazon's own client. */
class FakeEc2IT {
  @TempDir private Path folder;
  private FakeEc2 cloud;
  private Ec2Client ec2;

  @BeforeEach
  void open() throws IOException {
    cloud = new FakeEc2();
    ec2 = client(FakeEc2.ACCESS_KEY, FakeEc2.SECRET_KEY, Region.NAME);
  }

  @AfterEach
  void close() {
    ec2.close();
    cloud.close();
  }

  private Ec2Client client(String key, String secret, String region) {
    return Ec2Client.builder()
        .endpointOverride(cloud.endpoint())
        .region(software.amazon.awssdk.regions.Region.of(region))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
        .httpClientBuilder(Apache5HttpClient.builder())
        .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
        .build();
  }

  private static RunInstancesRequest launch(Consumer<RunInstancesRequest.Builder> changes) {
    RunInstancesRequest.Builder launch =
        RunInstancesRequest.builder()
            .minCount(1)
            .maxCount(1)
            .imageId(Region.IMAGE_X86)
            .instanceType("c5.large")
            .subnetId(Region.SUBNET_A)
            .securityGroupIds(Region.GROUP)
            .instanceInitiatedShutdownBehavior(ShutdownBehavior.TERMINATE)
            .tagSpecifications(tagged(ResourceType.INSTANCE));
    changes.accept(launch);
    return launch.build();
  }

  private static TagSpecification tagged(ResourceType resource) {
    return TagSpecification.builder()
        .resourceType(resource)
        .tags(Tag.builder().key("owner").value("us").build())
        .build();
  }

  private String launched(Consumer<RunInstancesRequest.Builder> changes) {
    return ec2.runInstances(launch(changes)).instances().getFirst().instanceId();
  }

  private Instance described(String id) {
    return ec2.describeInstances(r -> r.instanceIds(id))
        .reservations()
        .getFirst()
        .instances()
        .getFirst();
  }

  private void awaitState(String id, InstanceStateName state) {
    await().untilAsserted(() -> assertThat(described(id).state().name()).isEqualTo(state));
  }

  private static void assertRefused(ThrowingCallable call, int status, String code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Ec2Exception.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(status);
              assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
              assertThat(e.awsErrorDetails().errorMessage()).isNotEmpty();
              assertThat(e.requestId()).isNotEmpty();
            });
  }

  @Test
  void anInstanceGoesThroughItsStatesAndStaysListedAsTerminated() {
    // E7
    cloud.pendingFor(Duration.ofMillis(200));
    Instance made = ec2.runInstances(launch(_ -> {})).instances().getFirst();
    assertThat(made.state().name()).isEqualTo(InstanceStateName.PENDING);
    awaitState(made.instanceId(), InstanceStateName.RUNNING);

    cloud.endingFor(Duration.ofMillis(200));
    var change = ec2.terminateInstances(r -> r.instanceIds(made.instanceId()));
    assertThat(change.terminatingInstances())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.previousState().name()).isEqualTo(InstanceStateName.RUNNING);
              assertThat(one.currentState().name()).isEqualTo(InstanceStateName.SHUTTING_DOWN);
            });
    assertThat(cloud.charged()).as("while it shuts down").hasSize(1);
    awaitState(made.instanceId(), InstanceStateName.TERMINATED);

    Instance ended = described(made.instanceId());
    assertThat(ended.stateReason().code()).isEqualTo("Client.UserInitiatedShutdown");
    assertThat(ended.stateTransitionReason()).startsWith("User initiated (");
    assertThat(ended.tags()).extracting(Tag::value).containsExactly("us");
    assertThat(cloud.charged()).isEmpty();
    assertThat(cloud.launched()).hasSize(1);
  }

  @Test
  void aTokenStartsOneInstanceThoughItsAnswerIsLost() {
    // E4
    cloud.next("RunInstances", Ec2Fault.loseTheAnswer());
    assertThatThrownBy(() -> launched(r -> r.clientToken("t-1")))
        .isInstanceOf(SdkClientException.class);
    assertThat(cloud.launched()).hasSize(1);

    assertThat(launched(r -> r.clientToken("t-1"))).isEqualTo(cloud.launched().getFirst().id());
    assertRefused(
        () -> launched(r -> r.clientToken("t-1").subnetId(Region.SUBNET_B)),
        400,
        "IdempotentParameterMismatch");
    launched(r -> r.clientToken("t-2"));
    assertThat(cloud.launched()).hasSize(2);
  }

  @Test
  void listsComeInPagesAndByFilters() {
    for (int n = 0; n < 7; n++) {
      launched(_ -> {});
    }
    launched(r -> r.tagSpecifications(List.of()));
    cloud.pagesOf(3);
    Filter ours = Filter.builder().name("tag:owner").values("us").build();
    Filter pending =
        Filter.builder().name("instance-state-name").values("pending", "running").build();

    assertThat(ec2.describeInstances(r -> r.filters(ours)).nextToken()).isNotEmpty();
    assertThat(ec2.describeInstancesPaginator(r -> r.filters(ours, pending)).reservations())
        .hasSize(7);
    Filter gone = Filter.builder().name("instance-state-name").values("terminated").build();
    assertThat(ec2.describeInstances(r -> r.filters(gone)).reservations()).isEmpty();
  }

  @Test
  void whatWasLaunchedJustNowIsUnknownForAWhile() {
    // E5
    cloud.hiddenFor(Duration.ofHours(1));
    String id = launched(_ -> {});
    assertRefused(() -> described(id), 400, "InvalidInstanceID.NotFound");
    assertRefused(
        () -> ec2.terminateInstances(r -> r.instanceIds(id)), 400, "InvalidInstanceID.NotFound");
    assertThat(ec2.describeInstances().reservations()).isEmpty();

    cloud.showAll();
    assertThat(described(id).instanceId()).isEqualTo(id);
    assertRefused(
        () -> ec2.terminateInstances(r -> r.instanceIds(id, "i-0fffffffffffffff0")),
        400,
        "InvalidInstanceID.NotFound");
    assertThat(described(id).state().name())
        .as("all or none")
        .isNotEqualTo(InstanceStateName.SHUTTING_DOWN);
  }

  @Test
  void aPoolAnAccountAndTheServiceRunOutEachWithItsOwnWords() {
    // E1, E2, E3
    cloud.lack(pool -> pool.spot() ? Ec2Error.noCapacity(pool.type(), pool.zone()) : null);
    assertRefused(
        () -> launched(r -> r.instanceMarketOptions(m -> m.marketType(MarketType.SPOT))),
        500,
        "InsufficientInstanceCapacity");
    launched(_ -> {});
    cloud.quota(1);
    assertRefused(() -> launched(_ -> {}), 400, "VcpuLimitExceeded");
    cloud.next("RunInstances", Ec2Fault.refuse(Ec2Error.throttled()));
    assertRefused(() -> launched(_ -> {}), 503, "RequestLimitExceeded");
    assertThat(cloud.launched()).hasSize(1);
  }

  @Test
  void aLaunchThatNamesWhatThereIsNotIsRefused() {
    assertRefused(() -> launched(r -> r.imageId("ami-0123")), 400, "InvalidAMIID.NotFound");
    assertRefused(() -> launched(r -> r.subnetId("subnet-1")), 400, "InvalidSubnetID.NotFound");
    assertRefused(() -> launched(r -> r.keyName("nobodys")), 400, "InvalidKeyPair.NotFound");
    assertRefused(() -> launched(r -> r.securityGroupIds("sg-1")), 400, "InvalidGroup.NotFound");
    assertRefused(() -> launched(r -> r.instanceType("c5.tiny")), 400, "InvalidParameterValue");
    assertRefused(() -> launched(r -> r.imageId(Region.IMAGE_ARM)), 400, "InvalidParameterValue");
    // E11
    String large = Base64.getEncoder().encodeToString(new byte[16_385]);
    assertRefused(() -> launched(r -> r.userData(large)), 400, "InvalidParameterValue");
    // E17
    assertRefused(
        () -> launched(r -> r.tagSpecifications(tagged(ResourceType.SPOT_INSTANCES_REQUEST))),
        400,
        "InvalidParameterValue");
    assertThat(cloud.launched()).isEmpty();
  }

  @Test
  void aDryRunSaysWhatIsMissingAndStsDecodesIt() {
    assertRefused(() -> launched(r -> r.dryRun(true)), 412, "DryRunOperation");
    cloud.deny("ec2:RunInstances");
    try (StsClient sts =
        StsClient.builder()
            .endpointOverride(cloud.endpoint())
            .region(software.amazon.awssdk.regions.Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(FakeEc2.ACCESS_KEY, FakeEc2.SECRET_KEY)))
            .httpClientBuilder(Apache5HttpClient.builder())
            .build()) {
      assertThatThrownBy(() -> launched(r -> r.dryRun(true)))
          .isInstanceOfSatisfying(
              Ec2Exception.class,
              e -> {
                String message = e.awsErrorDetails().errorMessage();
                String encoded = message.substring(message.lastIndexOf(' ') + 1);
                assertThat(e.awsErrorDetails().errorCode()).isEqualTo("UnauthorizedOperation");
                assertThat(
                        sts.decodeAuthorizationMessage(r -> r.encodedMessage(encoded))
                            .decodedMessage())
                    .contains("\"action\":\"ec2:RunInstances\"");
              });
      assertThat(sts.getCallerIdentity().account()).isEqualTo(Region.ACCOUNT);
    }
  }

  @Test
  void credentialsAreCheckedAsTheServiceDoes() {
    try (Ec2Client otherKey = client("AKIAOTHER", FakeEc2.SECRET_KEY, Region.NAME);
        Ec2Client otherSecret = client(FakeEc2.ACCESS_KEY, "wrong", Region.NAME);
        Ec2Client otherRegion = client(FakeEc2.ACCESS_KEY, FakeEc2.SECRET_KEY, "eu-west-9")) {
      assertRefused(otherKey::describeInstances, 401, "AuthFailure");
      assertRefused(otherSecret::describeInstances, 401, "AuthFailure");
      assertRefused(otherRegion::describeInstances, 401, "AuthFailure");
    }
    cloud.expireCredentials(true);
    assertRefused(() -> ec2.describeInstances(), 400, "RequestExpired");
  }

  @Test
  void aSpotInstanceGetsItsNoticeAndItsReason() {
    // E10
    String id = launched(r -> r.instanceMarketOptions(m -> m.marketType(MarketType.SPOT)));
    awaitState(id, InstanceStateName.RUNNING);
    String request = described(id).spotInstanceRequestId();
    cloud.interrupt(id, Duration.ofHours(1));
    assertThat(spotCode(request)).isEqualTo("marked-for-termination");
    Filter active = Filter.builder().name("state").values("active").build();
    assertThat(ec2.describeSpotInstanceRequests(r -> r.filters(active)).spotInstanceRequests())
        .hasSize(1);
    assertThat(described(id).state().name()).isEqualTo(InstanceStateName.RUNNING);

    cloud.interrupt(id, Duration.ZERO);
    awaitState(id, InstanceStateName.TERMINATED);
    assertThat(described(id).stateReason().code()).isEqualTo("Server.SpotInstanceTermination");
    assertThat(spotCode(request)).isEqualTo("instance-terminated-no-capacity");
    assertThat(ec2.describeSpotInstanceRequests(r -> r.filters(active)).spotInstanceRequests())
        .isEmpty();
  }

  private String spotCode(String request) {
    return ec2.describeSpotInstanceRequests(r -> r.spotInstanceRequestIds(request))
        .spotInstanceRequests()
        .getFirst()
        .status()
        .code();
  }

  @Test
  void whatLaunchesNameIsListed() throws IOException, InterruptedException {
    assertThat(
            ec2.describeInstanceTypes(r -> r.instanceTypesWithStrings("c6g.large"))
                .instanceTypes()
                .getFirst()
                .processorInfo()
                .supportedArchitecturesAsStrings())
        .containsExactly("arm64");
    assertThat(
            ec2.describeImages(r -> r.imageIds(Region.IMAGE_X86))
                .images()
                .getFirst()
                .rootDeviceName())
        .isEqualTo("/dev/xvda");
    assertThat(ec2.describeSubnets().subnets()).hasSize(2);
    assertRefused(
        () -> ec2.describeKeyPairs(r -> r.keyNames("nobodys")), 400, "InvalidKeyPair.NotFound");
    assertThat(
            ec2.describeLaunchTemplates(r -> r.launchTemplateNames(Region.TEMPLATE))
                .launchTemplates())
        .hasSize(1);
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI stable = URI.create(cloud.streams() + "/stable.json");
      String document =
          http.send(HttpRequest.newBuilder(stable).build(), HttpResponse.BodyHandlers.ofString())
              .body();
      assertThat(
              new ObjectMapper()
                  .readTree(document)
                  .at("/architectures/aarch64/images/aws/regions/us-east-1/image")
                  .asText())
          .isEqualTo(Region.IMAGE_ARM);
    }
  }

  @Test
  void anInstanceRunsTheAgentOfItsUserDataAndEndsWithIt() {
    FakeInstances machines =
        FakeInstances.ofProcesses(
            folder, "sh -c 'echo \"I have $(cat $TOKEN_FILE) for $WHAT\"; exit 3'");
    cloud.boot(machines);
    cloud.console(machines::console);
    String document =
        """
        {"ignition": {"version": "3.1.0"}, "storage": {"files": [
          {"path": "/etc/buildman/handed-over/token", "contents": {"source": "data:;base64,%s"}},
          {"path": "/etc/buildman/worker.env", "contents": {"source": "data:;base64,%s"}}]}}
        """
            .formatted(
                base64("a-token"),
                base64("TOKEN_FILE=/run/secrets/buildman/token\nWHAT=building\n"));

    String id = launched(r -> r.userData(base64(document)));

    awaitState(id, InstanceStateName.TERMINATED);
    assertThat(described(id).stateReason().code()).isEqualTo("Client.InstanceInitiatedShutdown");
    String console = ec2.getConsoleOutput(r -> r.instanceId(id).latest(true)).output();
    assertThat(new String(Base64.getMimeDecoder().decode(console), StandardCharsets.UTF_8))
        .contains("I have a-token for building")
        .contains("worker ended: status=3");
  }

  @Test
  void anInstanceThatWasNotToldToTerminateIsOnlyStopped() {
    // E8
    cloud.boot(FakeInstances.ofProcesses(folder, "true"));
    String id =
        launched(
            r -> r.userData(base64("{}")).instanceInitiatedShutdownBehavior(ShutdownBehavior.STOP));
    awaitState(id, InstanceStateName.STOPPED);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
