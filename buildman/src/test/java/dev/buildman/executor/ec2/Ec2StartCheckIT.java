package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.ec2.Ec2Error;
import dev.buildman.testing.ec2.Ec2Fault;
import dev.buildman.testing.ec2.Region;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each thing that keeps an executor from working is named at the start, with its cure. */
class Ec2StartCheckIT {
  private static final Installation OURS = Requests.OURS;

  @TempDir private Path folder;
  private TestAccount account;

  @BeforeEach
  void begin() throws IOException {
    account = new TestAccount(folder);
  }

  @AfterEach
  void end() {
    account.close();
  }

  private List<String> findings(String... more) {
    try (Ec2Executor executor = account.unchecked(OURS, more)) {
      return executor.check();
    }
  }

  private void assertFinding(String more, String... words) {
    assertThat(findings(more)).singleElement().asString().contains(words);
  }

  @Test
  void anAccountThatTakesWorkersHasNothingSaidOfItAndGetsNone() {
    assertThat(
            findings(
                "EC2_INSTANCE_TYPE: [c5.large, c6g.large]",
                "EC2_SPOT: true",
                "EC2_VPC_SUBNET_ID: " + Region.SUBNET_A,
                "EC2_SECURITY_GROUP_IDS: [" + Region.GROUP + "]",
                "EC2_KEY_NAME: " + Region.KEY,
                "EC2_IAM_INSTANCE_PROFILE: " + Region.PROFILE,
                "EC2_LAUNCH_TEMPLATE: " + Region.TEMPLATE))
        .isEmpty();
    assertThat(account.server.launched()).isEmpty();
    // The type's own architecture.
    assertThat(account.server.lastCall("RunInstances")).containsEntry("ImageId", Region.IMAGE_ARM);
  }

  @Test
  void missingRightsAreNamedAllAtOnceE8() {
    for (String right :
        List.of("DescribeImages", "DescribeSpotInstanceRequests", "TerminateInstances")) {
      account.server.deny("ec2:" + right);
    }
    assertThat(findings("EC2_SPOT: true").getFirst())
        .contains(
            "lacks rights",
            "ec2:DescribeImages",
            "ec2:DescribeSpotInstanceRequests",
            "ec2:TerminateInstances",
            "docs/ec2.md")
        .doesNotContain("ec2:DescribeInstances,");
  }

  @Test
  void theRightToLaunchIsAskedForWithAllThatALaunchNeeds() {
    account.server.deny("ec2:CreateTags");
    assertFinding("", "lacks rights", "ec2:CreateTags");
    account.server.allowAll();
    account.server.deny("iam:PassRole");
    assertFinding("EC2_IAM_INSTANCE_PROFILE: " + Region.PROFILE, "lacks rights", "iam:PassRole");
  }

  @Test
  void aRightToEndThatOnlyOwnInstancesShowIsDoubtedUntilThereIsOneE8() {
    account.server.deny("ec2:TerminateInstances");
    try (Ec2Executor executor = account.unchecked(OURS)) {
      assertThat(executor.check())
          .hasSize(2)
          .anySatisfy(finding -> assertThat(finding).contains("does not exist", "first worker"));
      assertThat(executor.start(Requests.of("sleep 60"))).isInstanceOf(LaunchResult.Started.class);
      assertThat(executor.check())
          .singleElement()
          .asString()
          .contains("lacks rights", "ec2:TerminateInstances");
      account.server.allowAll();
      assertThat(executor.check()).isEmpty();
    }
  }

  @Test
  void theProvidersMessageAboutAMissingRightIsDecodedWhereThatIsAllowed() {
    try (Ec2Executor executor = account.open(OURS)) {
      account.server.deny("ec2:RunInstances");
      assertRefused(
          executor.start(Requests.of("exit 0")),
          "user/buildman has no right to ec2:RunInstances on arn:aws:ec2");
    }
    account.server.allowAll();
    try (Ec2Executor executor = account.open(OURS)) {
      account.server.deny("ec2:RunInstances");
      account.server.deny("sts:DecodeAuthorizationMessage");
      LaunchResult refused = executor.start(Requests.of("exit 0"));
      assertRefused(refused, "UnauthorizedOperation", "ec2:RunInstances", "docs/ec2.md");
      assertThat(refused.toString()).doesNotContain("Encoded");
    }
  }

  private static void assertRefused(LaunchResult result, String... words) {
    assertThat(result)
        .isInstanceOfSatisfying(
            LaunchResult.SurelyNothing.class,
            nothing -> {
              assertThat(nothing.failure()).isEqualTo(FailureClass.REFUSED);
              assertThat(nothing.sentence()).contains(words);
            });
  }

  @Test
  void credentialsThatAreWrongOrHaveExpiredAreNamed() {
    account.server.expireCredentials(true);
    assertFinding("", "EC2 in us-east-1", "credentials");
    account.server.expireCredentials(false);
    account.server.session("another");
    assertFinding("", "AuthFailure", "AWS_ACCESS_KEY");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "COREOS_AMI: ami-00000000deadbeef0       | InvalidAMIID.NotFound            | COREOS_AMI",
        "COREOS_AMI: ami-000000000000064aa       | is for arm64                     |"
            + " EC2_INSTANCE_TYPE",
        "COREOS_CHANNEL: nonesuch                | nonesuch.json answered 404       |"
            + " COREOS_CHANNEL",
        "EC2_INSTANCE_TYPE: x9.huge              | x9.huge                          |"
            + " EC2_INSTANCE_TYPE",
        "EC2_VPC_SUBNET_ID: subnet-0dead000      | InvalidSubnetID.NotFound         |"
            + " EC2_VPC_SUBNET_ID",
        "EC2_SECURITY_GROUP_IDS: [sg-0dead000]   | InvalidGroup.NotFound            |"
            + " EC2_SECURITY_GROUP_IDS",
        "EC2_KEY_NAME: nobodys                   | InvalidKeyPair.NotFound          | EC2_KEY_NAME",
        "EC2_IAM_INSTANCE_PROFILE: nonesuch      | Invalid IAM Instance             |"
            + " EC2_IAM_INSTANCE_PROFILE",
        "EC2_LAUNCH_TEMPLATE: nonesuch           | InvalidLaunchTemplateName        |"
            + " EC2_LAUNCH_TEMPLATE"
      })
  void whatDoesNotExistIsNamedWithItsKey(String line, String words, String key) {
    assertFinding(line, words, key);
  }

  @Test
  void aWrongRegionIsNamed() {
    String elsewhere = "EC2_REGION: eu-west-1";
    assertThat(elsewhereFindings(elsewhere))
        .singleElement()
        .asString()
        .contains("eu-west-1", "AuthFailure", "EC2_REGION");
  }

  private List<String> elsewhereFindings(String lines) {
    Ec2Settings settings = account.settings();
    Ec2Settings other =
        TestAccount.read(
            lines
                + "\nEC2_INSTANCE_TYPE: c5.large\nAWS_ACCESS_KEY: %s\nAWS_SECRET_KEY: %s\n"
                    .formatted(
                        settings.access().keys().orElseThrow().id().reveal(),
                        settings.access().keys().orElseThrow().secret().reveal())
                + "EC2_ENDPOINT: "
                + account.server.endpoint()
                + "\n");
    try (Ec2Executor executor = new Ec2Executor(other, OURS, Ticker.system(), TestAccount.QUICK)) {
      return executor.check();
    }
  }

  @Test
  void aProviderThatIsNotThereIsNamed() {
    Ec2Settings settings =
        TestAccount.read(
            """
            EC2_REGION: us-east-1
            EC2_INSTANCE_TYPE: c5.large
            EC2_ENDPOINT: http://127.0.0.1:1
            AWS_ACCESS_KEY: a
            AWS_SECRET_KEY: b
            """);
    try (Ec2Executor executor =
        new Ec2Executor(settings, OURS, Ticker.system(), TestAccount.QUICK)) {
      assertThat(executor.check())
          .singleElement()
          .asString()
          .contains("127.0.0.1:1", "did not answer", "EC2_ENDPOINT");
      assertThat(executor.start(Requests.of("exit 0")))
          .isInstanceOf(LaunchResult.SurelyNothing.class);
    }
  }

  @Test
  void untilTheImageIsKnownTheExecutorIsClosedWithThatReasonE16() {
    account.server.next("stream", Ec2Fault.refuse(Ec2Error.unavailable()));
    try (Ec2Executor executor = account.unchecked(OURS)) {
      assertRefused(executor.start(Requests.of("exit 0")), "image of its machines");
      assertThat(executor.check()).hasSizeLessThan(2);
      assertThat(executor.check()).isEmpty();
      assertThat(executor.start(Requests.of("exit 0"))).isInstanceOf(LaunchResult.Started.class);
    }
  }

  @Test
  void aQuotaThatIsUsedUpIsForBuildsToWaitFor() {
    account.server.quota(0);
    assertThat(findings()).isEmpty();
  }

  @Test
  void oneWrongSubnetOfTwoDoesNotKeepBuildsFromTheOther() {
    String both = "EC2_VPC_SUBNET_ID: [subnet-0dead000, %s]".formatted(Region.SUBNET_B);
    try (Ec2Executor executor = account.unchecked(OURS, both)) {
      assertThat(executor.check()).singleElement().asString().contains("subnet-0dead000");
      assertThat(executor.start(Requests.of("exit 0"))).isInstanceOf(LaunchResult.Started.class);
    }
  }
}
