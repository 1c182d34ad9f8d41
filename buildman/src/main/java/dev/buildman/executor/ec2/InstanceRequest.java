package dev.buildman.executor.ec2;

import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.ec2.model.BlockDeviceMapping;
import software.amazon.awssdk.services.ec2.model.HttpTokensState;
import software.amazon.awssdk.services.ec2.model.IamInstanceProfileSpecification;
import software.amazon.awssdk.services.ec2.model.InstanceInterruptionBehavior;
import software.amazon.awssdk.services.ec2.model.InstanceMetadataEndpointState;
import software.amazon.awssdk.services.ec2.model.InstanceMetadataTagsState;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterfaceSpecification;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateSpecification;
import software.amazon.awssdk.services.ec2.model.MarketType;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.ShutdownBehavior;
import software.amazon.awssdk.services.ec2.model.SpotInstanceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.VolumeType;

/** Writes the request of one instance, anew for each pool (E17). */
final class InstanceRequest {
  private final InstanceShape shape;
  private final InstanceTags tags;

  InstanceRequest(InstanceShape shape, InstanceTags tags) {
    this.shape = shape;
    this.tags = tags;
  }

  /**
   * The request of one worker in one pool; the same for each look at the same arguments (E4).
   *
   * @param userData as text
   */
  RunInstancesRequest of(
      WorkerRequest request, Pool pool, MachineImages.Image image, Secret userData) {
    RunInstancesRequest.Builder launch =
        RunInstancesRequest.builder()
            .clientToken(ClientToken.of(request.name(), pool))
            .minCount(1)
            .maxCount(1)
            .imageId(image.id())
            .instanceType(pool.type())
            // The agent's machine switches itself off when its work is over, or too old (E8).
            .instanceInitiatedShutdownBehavior(ShutdownBehavior.TERMINATE)
            .blockDeviceMappings(root(image))
            .tagSpecifications(written(pool, tags.of(request)))
            .userData(
                Base64.getEncoder()
                    .encodeToString(userData.reveal().getBytes(StandardCharsets.UTF_8)))
            // One hop: the machine reads its user data as it boots, and no container ever (E13).
            .metadataOptions(
                m ->
                    m.httpTokens(HttpTokensState.REQUIRED)
                        .httpPutResponseHopLimit(1)
                        .httpEndpoint(InstanceMetadataEndpointState.ENABLED)
                        .instanceMetadataTags(InstanceMetadataTagsState.DISABLED));
    network(launch, pool);
    shape.keyName().ifPresent(launch::keyName);
    shape.profile().ifPresent(profile -> launch.iamInstanceProfile(profile(profile)));
    shape.template().ifPresent(template -> launch.launchTemplate(template(template)));
    market(launch, pool.market());
    return launch.build();
  }

  private BlockDeviceMapping root(MachineImages.Image image) {
    return BlockDeviceMapping.builder()
        .deviceName(image.rootDevice())
        .ebs(
            disk ->
                disk.volumeSize(shape.disk())
                    .volumeType(VolumeType.GP3)
                    .encrypted(true)
                    .deleteOnTermination(true))
        .build();
  }

  private static List<TagSpecification> written(Pool pool, List<Tag> all) {
    Stream<ResourceType> always =
        Stream.of(ResourceType.INSTANCE, ResourceType.VOLUME, ResourceType.NETWORK_INTERFACE);
    // The provider refuses tags for what a launch does not make.
    Stream<ResourceType> made =
        pool.market() == Market.SPOT
            ? Stream.concat(always, Stream.of(ResourceType.SPOT_INSTANCES_REQUEST))
            : always;
    return made.map(type -> TagSpecification.builder().resourceType(type).tags(all).build())
        .toList();
  }

  private void network(RunInstancesRequest.Builder launch, Pool pool) {
    if (pool.subnet().isEmpty()) {
      if (!shape.securityGroups().isEmpty()) {
        launch.securityGroupIds(shape.securityGroups());
      }
      return;
    }
    InstanceNetworkInterfaceSpecification.Builder card =
        InstanceNetworkInterfaceSpecification.builder()
            .deviceIndex(0)
            .subnetId(pool.subnet().get())
            .associatePublicIpAddress(shape.publicIp())
            .deleteOnTermination(true);
    if (!shape.securityGroups().isEmpty()) {
      card.groups(shape.securityGroups());
    }
    launch.networkInterfaces(card.build());
  }

  private static IamInstanceProfileSpecification profile(String profile) {
    return profile.startsWith("arn:")
        ? IamInstanceProfileSpecification.builder().arn(profile).build()
        : IamInstanceProfileSpecification.builder().name(profile).build();
  }

  private static LaunchTemplateSpecification template(InstanceShape.Template template) {
    LaunchTemplateSpecification.Builder named =
        LaunchTemplateSpecification.builder().version(template.version());
    return template.isId()
        ? named.launchTemplateId(template.name()).build()
        : named.launchTemplateName(template.name()).build();
  }

  private static void market(RunInstancesRequest.Builder launch, Market market) {
    switch (market) {
      case SPOT ->
          launch.instanceMarketOptions(
              options ->
                  options
                      .marketType(MarketType.SPOT)
                      .spotOptions(
                          spot ->
                              spot.spotInstanceType(SpotInstanceType.ONE_TIME)
                                  .instanceInterruptionBehavior(
                                      InstanceInterruptionBehavior.TERMINATE)));
      // A template's protection would keep us from ending it.
      case ON_DEMAND -> launch.disableApiTermination(false);
    }
  }
}
