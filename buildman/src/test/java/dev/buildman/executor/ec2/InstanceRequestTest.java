package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Secret;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterfaceSpecification;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

class InstanceRequestTest {
  private static final MachineImages.Image IMAGE =
      new MachineImages.Image("ami-1", "x86_64", "/dev/sda1");
  private static final Pool ON_DEMAND =
      new Pool("m6i.large", Optional.of("subnet-1"), Market.ON_DEMAND);
  private static final Pool SPOT = new Pool("m6i.large", Optional.of("subnet-1"), Market.SPOT);
  private static final Pool ANYWHERE = new Pool("m6i.large", Optional.empty(), Market.ON_DEMAND);

  private final WorkerRequest request = Requests.of("exit 0");

  private RunInstancesRequest written(Pool pool, String... more) {
    Ec2Settings settings =
        TestAccount.read(
            "EC2_REGION: eu-central-1\nEC2_INSTANCE_TYPE: m6i.large\n" + String.join("\n", more));
    InstanceTags tags = new InstanceTags(settings.tags(), settings.common().name(), Requests.OURS);
    return new InstanceRequest(settings.shape(), tags)
        .of(request, pool, IMAGE, Secret.of("{\"ignition\":1}"));
  }

  @Test
  void aTokenIsShortAndTheSameForTheSamePoolAlone() {
    String token = ClientToken.of(request.name(), SPOT);
    assertThat(token).hasSizeLessThanOrEqualTo(64).matches("[\\x21-\\x7e]+");
    assertThat(ClientToken.of(request.name(), SPOT)).isEqualTo(token);
    assertThat(ClientToken.of(request.name(), ON_DEMAND)).isNotEqualTo(token);
    assertThat(ClientToken.of(Requests.of("exit 0").name(), SPOT)).isNotEqualTo(token);
    assertThat(written(SPOT).clientToken()).isEqualTo(token);
  }

  @Test
  void theSameRequestIsWrittenTheSameAgainE4() {
    assertThat(written(SPOT)).isEqualTo(written(SPOT));
  }

  @Test
  void anInstanceInASubnetHasItsCardThereWithTheGroups() {
    RunInstancesRequest written =
        written(ON_DEMAND, "EC2_SECURITY_GROUP_IDS: [sg-1]", "EC2_PUBLIC_IP: false");
    assertThat(written.subnetId()).isNull();
    assertThat(written.securityGroupIds()).isEmpty();
    InstanceNetworkInterfaceSpecification card = written.networkInterfaces().getFirst();
    assertThat(card.subnetId()).isEqualTo("subnet-1");
    assertThat(card.groups()).containsExactly("sg-1");
    assertThat(card.associatePublicIpAddress()).isFalse();
    assertThat(card.deleteOnTermination()).isTrue();
  }

  @Test
  void anInstanceInTheDefaultNetworkHasTheGroupsItself() {
    RunInstancesRequest written = written(ANYWHERE, "EC2_SECURITY_GROUP_IDS: [sg-1]");
    assertThat(written.hasNetworkInterfaces()).isFalse();
    assertThat(written.securityGroupIds()).containsExactly("sg-1");
  }

  @Test
  void onlyASpotRequestSpeaksOfSpotE17() {
    RunInstancesRequest spot = written(SPOT);
    assertThat(spot.instanceMarketOptions().marketType()).isEqualTo(MarketType.SPOT);
    assertThat(spot.disableApiTermination()).isNull();
    assertThat(spot.tagSpecifications())
        .extracting(TagSpecification::resourceType)
        .containsExactly(
            ResourceType.INSTANCE,
            ResourceType.VOLUME,
            ResourceType.NETWORK_INTERFACE,
            ResourceType.SPOT_INSTANCES_REQUEST);

    RunInstancesRequest onDemand = written(ON_DEMAND);
    assertThat(onDemand.instanceMarketOptions()).isNull();
    assertThat(onDemand.disableApiTermination()).isFalse();
    assertThat(onDemand.tagSpecifications())
        .extracting(TagSpecification::resourceType)
        .doesNotContain(ResourceType.SPOT_INSTANCES_REQUEST);
  }

  @Test
  void theVolumeIsTheImagesRootE13() {
    assertThat(written(SPOT).blockDeviceMappings())
        .singleElement()
        .satisfies(
            disk -> {
              assertThat(disk.deviceName()).isEqualTo("/dev/sda1");
              assertThat(disk.ebs().encrypted()).isTrue();
              assertThat(disk.ebs().deleteOnTermination()).isTrue();
            });
  }

  @Test
  void profileTemplateAndKeyAreNamedWhereTheyAreGiven() {
    RunInstancesRequest written =
        written(
            SPOT,
            "EC2_IAM_INSTANCE_PROFILE: arn:aws:iam::1:instance-profile/x",
            "EC2_LAUNCH_TEMPLATE: builders:7",
            "EC2_KEY_NAME: ours");
    assertThat(written.iamInstanceProfile().arn()).isEqualTo("arn:aws:iam::1:instance-profile/x");
    assertThat(written.iamInstanceProfile().name()).isNull();
    assertThat(written.launchTemplate().launchTemplateName()).isEqualTo("builders");
    assertThat(written.launchTemplate().version()).isEqualTo("7");
    assertThat(written.keyName()).isEqualTo("ours");

    assertThat(written(SPOT).launchTemplate()).isNull();
    assertThat(written(SPOT).iamInstanceProfile()).isNull();
  }
}
