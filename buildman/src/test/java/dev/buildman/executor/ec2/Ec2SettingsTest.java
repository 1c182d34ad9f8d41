package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.Problem;
import dev.buildman.model.AgentKind;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ec2SettingsTest {
  private static final String LEAST = "EC2_REGION: eu-central-1\nEC2_INSTANCE_TYPE: m6i.large\n";

  private static Ec2Settings read(String lines) {
    return TestAccount.read(lines);
  }

  private static ConfigResult<Ec2Settings> result(String lines) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + lines.indent(2),
            Path.of("/"),
            top -> Ec2Settings.parse(top.section("E"), "1.0"));
  }

  @Test
  void aRegionAndATypeAreEnough() {
    Ec2Settings settings = read(LEAST);

    assertThat(settings.common().name().value()).isEqualTo("ec2");
    assertThat(settings.common().agent()).isEqualTo(AgentKind.OURS);
    assertThat(settings.common().breaker().launchesPerSecond()).isEqualTo(OptionalDouble.of(2));
    assertThat(settings.access().endpoint()).isEmpty();
    assertThat(settings.image().stream())
        .isEqualTo(URI.create("https://builds.coreos.fedoraproject.org/streams/stable.json"));
    assertThat(settings.pools())
        .containsExactly(new Pool("m6i.large", Optional.empty(), Market.ON_DEMAND));
    assertThat(settings.shape().disk()).isEqualTo(48);
    assertThat(settings.environment()).containsEntry("EXECUTOR", "ec2");
  }

  @Test
  void quaysOwnConfigurationIsReadAsItIs() {
    Ec2Settings settings =
        read(
            """
            EXECUTOR: ec2
            EC2_REGION: us-east-1
            COREOS_AMI: ami-02545325b519192df
            AWS_ACCESS_KEY: AKIAEXAMPLE
            AWS_SECRET_KEY: secret
            EC2_INSTANCE_TYPE: t2.large
            EC2_VPC_SUBNET_ID: subnet-0123abcd
            EC2_SECURITY_GROUP_IDS:
              - sg-0123abcd
            EC2_KEY_NAME: builders
            BLOCK_DEVICE_SIZE: 58
            MINIMUM_RETRY_THRESHOLD: 1
            SSH_AUTHORIZED_KEYS:
              - ssh-rsa AAAAB3NzaC1yc2E= somebody
            WORKER_IMAGE: quay.io/projectquay/quay-builder
            WORKER_TAG: stable
            MAX_LIFETIME_S: 10800
            """);

    assertThat(settings.common().agent()).isEqualTo(AgentKind.QUAY);
    assertThat(settings.common().environment()).containsEntry("CONTAINER_RUNTIME", "docker");
    assertThat(settings.access().keys().orElseThrow().secret().reveal()).isEqualTo("secret");
    assertThat(settings.image().ami()).contains("ami-02545325b519192df");
    assertThat(settings.shape())
        .isEqualTo(
            new InstanceShape(
                List.of("sg-0123abcd"),
                Optional.of("builders"),
                58,
                Optional.empty(),
                Optional.empty(),
                true));
    assertThat(settings.toString()).doesNotContain("AKIAEXAMPLE").doesNotContain("=secret");
  }

  @Test
  void eachTypeIsTriedInEachSubnetFirstAsSpot() {
    assertThat(
            read("""
            EC2_REGION: eu-central-1
            EC2_INSTANCE_TYPE: [a1.x, b1.x]
            EC2_VPC_SUBNET_ID: [subnet-1, subnet-2]
            EC2_SPOT: true
            """)
                .pools())
        .extracting(Pool::toString)
        .containsExactly(
            "a1.x in subnet-1 (spot)",
            "a1.x in subnet-2 (spot)",
            "b1.x in subnet-1 (spot)",
            "b1.x in subnet-2 (spot)",
            "a1.x in subnet-1 (on-demand)",
            "a1.x in subnet-2 (on-demand)",
            "b1.x in subnet-1 (on-demand)",
            "b1.x in subnet-2 (on-demand)");
  }

  @Test
  void emptyKeysMeanTheDefaultChainE18() {
    assertThat(read(LEAST + "AWS_ACCESS_KEY: \"\"\nAWS_SECRET_KEY: \"\"\n").access().keys())
        .isEmpty();
  }

  @Test
  void aLaunchTemplateIsANameOrAnIdWithAVersion() {
    assertThat(read(LEAST + "EC2_LAUNCH_TEMPLATE: builders:7\n").shape().template())
        .contains(new InstanceShape.Template("builders", "7"));
    assertThat(read(LEAST + "EC2_LAUNCH_TEMPLATE: lt-0123456789abcdef0\n").shape().template())
        .hasValueSatisfying(
            template -> {
              assertThat(template.isId()).isTrue();
              assertThat(template.version()).isEqualTo("$Default");
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "EC2_REGION: frankfurt                       | EC2_REGION             | no name of a"
            + " region",
        "EC2_INSTANCE_TYPE: large                    | EC2_INSTANCE_TYPE      | no type of"
            + " instance",
        "EC2_VPC_SUBNET_ID: [subnet-1, vpc-2]        | EC2_VPC_SUBNET_ID      | no subnet's id",
        "EC2_SECURITY_GROUP_IDS: [builders]          | EC2_SECURITY_GROUP_IDS | no security group's"
            + " id",
        "AWS_ACCESS_KEY: AKIA                        | AWS_SECRET_KEY         | give both keys, or"
            + " none",
        "COREOS_AMI: fedora                          | COREOS_AMI             | no image's id",
        "COREOS_CHANNEL: Stable/1                    | COREOS_CHANNEL         | no channel",
        "BLOCK_DEVICE_SIZE: 4                        | BLOCK_DEVICE_SIZE      | 10",
        "EC2_ENDPOINT: 127.0.0.1:4566                | EC2_ENDPOINT           | http",
        "EC2_LAUNCH_TEMPLATE: \"builders:newest\"    | EC2_LAUNCH_TEMPLATE    | no launch template",
        "EC2_TAGS: {buildman.dev/build: x}           | EC2_TAGS               | only others may"
            + " set",
        "EC2_REGIONS: eu-central-1                   | EC2_REGIONS            | EC2_REGION?"
      })
  void whatIsWrongIsNamed(String line, String key, String words) {
    String least =
        LEAST
            .lines()
            .filter(one -> !line.startsWith(one.substring(0, one.indexOf(':') + 1)))
            .reduce("", (all, one) -> all + one + "\n");
    assertThat(problems(least + line + "\n"))
        .anySatisfy(
            problem -> {
              assertThat(problem.path()).contains(key);
              assertThat(problem.message()).contains(words);
            });
  }

  private static List<Problem> problems(String lines) {
    return result(lines) instanceof ConfigResult.Invalid<Ec2Settings> invalid
        ? invalid.problems()
        : List.of();
  }

  @Test
  void withoutARegionOrATypeNothingIsReadAsIfThereWereOne() {
    assertThat(problems("EXECUTOR: ec2\n"))
        .extracting(Problem::message)
        .anyMatch(message -> message.contains("where the workers are"))
        .anyMatch(message -> message.contains("the type of a worker's instance"));
  }

  @Test
  void aRegionThatNobodyKnowsIsWarnedOf() {
    assertThat(result("EC2_REGION: eu-centrall-1\nEC2_INSTANCE_TYPE: m6i.large\n").warnings())
        .singleElement()
        .satisfies(warning -> assertThat(warning.message()).contains("eu-central-1"));
  }
}
