package dev.buildman.testing.ec2;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** RunInstances: what it refuses, and in which order. */
final class Launching {
  private static final int USER_DATA = 16_384;
  private static final int TOKEN = 64;
  private static final Set<String> TAGGED = Set.of("instance", "volume", "network-interface");

  private final Account account;
  private final Permissions permissions;
  volatile Function<Pool, Optional<Ec2Error>> lacks = _ -> Optional.empty();
  volatile int quota = Integer.MAX_VALUE;

  Launching(Account account, Permissions permissions) {
    this.account = account;
    this.permissions = permissions;
  }

  /** Makes an instance, or answers with the one that its token made before. */
  Instance run(Query request) {
    Query launch = withTemplate(request);
    if (!launch.get("MinCount").equals("1") || !launch.get("MaxCount").equals("1")) {
      throw Ec2Error.missing("MinCount").asRefusal();
    }
    permissions.demand("ec2:RunInstances");
    if (!launch.structures("TagSpecification").isEmpty()) {
      permissions.demand("ec2:CreateTags");
    }
    if (launch.has("IamInstanceProfile.Name") || launch.has("IamInstanceProfile.Arn")) {
      permissions.demand("iam:PassRole");
    }
    userData(launch);
    Pool pool = pool(launch);
    place(launch, pool);
    options(launch, pool);
    tags(launch, pool);
    if (request.is("DryRun")) {
      throw new Ec2Error(
              412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
          .asRefusal();
    }
    String token = launch.get("ClientToken");
    if (token.length() > TOKEN || !token.chars().allMatch(c -> c > 32 && c < 127)) {
      throw Ec2Error.invalid("Invalid value '" + token + "' for clientToken").asRefusal();
    }
    String fingerprint = request.without("ClientToken", "Action", "Version").values().toString();
    synchronized (account) {
      return account
          .launchedBefore(token, fingerprint)
          .orElseGet(() -> launched(pool, launch, fingerprint));
    }
  }

  private Instance launched(Pool pool, Query launch, String fingerprint) {
    lacks
        .apply(pool)
        .ifPresent(
            error -> {
              throw error.asRefusal();
            });
    if (account.live() >= quota) {
      throw Ec2Error.processorQuota(quota * 2).asRefusal();
    }
    return account.launch(pool, launch, fingerprint);
  }

  private Query withTemplate(Query request) {
    Query named = request.structure("LaunchTemplate");
    if (named.values().isEmpty()) {
      return request;
    }
    boolean byId = named.has("LaunchTemplateId");
    String name = byId ? named.get("LaunchTemplateId") : named.get("LaunchTemplateName");
    Map<String, String> template =
        account.region.templates.get(name.equals(Region.TEMPLATE_ID) ? Region.TEMPLATE : name);
    if (template == null) {
      throw unknownTemplate(name, byId);
    }
    return request.over(template);
  }

  static Ec2Error.Refused unknownTemplate(String name, boolean byId) {
    return Ec2Error.notFound(
            byId
                ? "InvalidLaunchTemplateId.NotFound"
                : "InvalidLaunchTemplateName.NotFoundException",
            byId
                ? "The specified launch template, with template ID " + name + ", does not exist."
                : "The specified launch template, with template name " + name + ", does not exist.")
        .asRefusal();
  }

  private static void userData(Query launch) {
    try {
      if (Base64.getDecoder().decode(launch.get("UserData")).length > USER_DATA) {
        throw Ec2Error.invalid("User data is limited to 16384 bytes").asRefusal();
      }
    } catch (IllegalArgumentException e) {
      throw new Ec2Error(400, "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
          .asRefusal();
    }
  }

  private Pool pool(Query launch) {
    String type = launch.get("InstanceType");
    if (!account.region.types.containsKey(type)) {
      throw Ec2Error.invalid("Invalid value '" + type + "' for InstanceType.").asRefusal();
    }
    Query card = launch.structure("NetworkInterface.1");
    String subnet = launch.get("SubnetId", card.get("SubnetId", Region.SUBNET_A));
    String zone = account.region.subnets.get(subnet);
    if (zone == null) {
      throw Ec2Error.notFound(
              "InvalidSubnetID.NotFound", "The subnet ID '" + subnet + "' does not exist")
          .asRefusal();
    }
    String market = launch.get("InstanceMarketOptions.MarketType");
    if (!market.isEmpty() && !market.equals("spot")) {
      throw Ec2Error.invalid("Invalid value '" + market + "' for MarketType.").asRefusal();
    }
    boolean spot = market.equals("spot");
    if (!spot && !launch.structure("InstanceMarketOptions").values().isEmpty()) {
      throw Ec2Error.combination("SpotOptions can only be used with market type spot.").asRefusal();
    }
    return new Pool(type, subnet, zone, spot);
  }

  private void place(Query launch, Pool pool) {
    String image = launch.get("ImageId");
    if (image.isEmpty()) {
      throw Ec2Error.missing("ImageId").asRefusal();
    }
    String architecture = account.region.images.get(image);
    if (architecture == null) {
      throw Ec2Error.notFound(
              "InvalidAMIID.NotFound", "The image id '[" + image + "]' does not exist")
          .asRefusal();
    }
    String wanted = account.region.types.get(pool.type()).architecture();
    if (!architecture.equals(wanted)) {
      throw Ec2Error.invalid(
              "The architecture '%s' of the specified instance type does not match the architecture"
                      .formatted(wanted)
                  + " '%s' of the specified AMI. Specify an instance type and an AMI that have"
                      .formatted(architecture)
                  + " matching architectures, and try again.")
          .asRefusal();
    }
    for (String group : groups(launch)) {
      if (!account.region.groups.contains(group)) {
        throw Ec2Error.notFound(
                "InvalidGroup.NotFound", "The security group '" + group + "' does not exist")
            .asRefusal();
      }
    }
    String key = launch.get("KeyName");
    if (!key.isEmpty() && !account.region.keys.contains(key)) {
      throw Ec2Error.notFound(
              "InvalidKeyPair.NotFound", "The key pair '" + key + "' does not exist")
          .asRefusal();
    }
    String arn = launch.get("IamInstanceProfile.Arn");
    String profile = launch.get("IamInstanceProfile.Name", arn.substring(arn.lastIndexOf('/') + 1));
    if (!profile.isEmpty() && !account.region.profiles.contains(profile)) {
      throw Ec2Error.invalid(
              "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance"
                      .formatted(profile)
                  + " Profile name")
          .asRefusal();
    }
  }

  private static List<String> groups(Query launch) {
    List<String> groups = launch.list("SecurityGroupId");
    return groups.isEmpty() ? launch.list("NetworkInterface.1.SecurityGroupId") : groups;
  }

  private static void options(Query launch, Pool pool) {
    Query metadata = launch.structure("MetadataOptions");
    if (!Set.of("optional", "required").contains(metadata.get("HttpTokens", "optional"))) {
      throw Ec2Error.invalid("Invalid value for HttpTokens").asRefusal();
    }
    boolean stops = !launch.get("InstanceInitiatedShutdownBehavior", "stop").equals("terminate");
    String spotType = launch.get("InstanceMarketOptions.SpotOptions.SpotInstanceType", "one-time");
    if (pool.spot() && stops && spotType.equals("one-time")) {
      // As the service says it of spot instances with the default behaviour, which it ignores.
      return;
    }
    for (Query device : launch.structures("BlockDeviceMapping")) {
      if (device.has("Ebs.VolumeSize") && Integer.parseInt(device.get("Ebs.VolumeSize")) < 10) {
        throw new Ec2Error(
                400,
                "InvalidBlockDeviceMapping",
                "Volume of size %sGB is smaller than snapshot 'snap-0123', expect size >= 10GB"
                    .formatted(device.get("Ebs.VolumeSize")))
            .asRefusal();
      }
    }
  }

  private static void tags(Query launch, Pool pool) {
    for (Query specification : launch.structures("TagSpecification")) {
      String resource = specification.get("ResourceType");
      boolean known =
          TAGGED.contains(resource) || (pool.spot() && resource.equals("spot-instances-request"));
      if (!known) {
        // Of a launch on demand there is no spot request to tag (E17).
        throw Ec2Error.invalid(
                "'" + resource + "' is not a valid taggable resource type for this operation.")
            .asRefusal();
      }
      checked(specification.tags());
    }
  }

  /** Refuses what no tag may be. */
  static void checked(Map<String, String> tags) {
    tags.forEach(
        (key, value) -> {
          if (key.isEmpty() || key.length() > 128 || key.startsWith("aws:")) {
            throw Ec2Error.invalid("Tag key '" + key + "' is not valid").asRefusal();
          }
          if (value.length() > 256) {
            throw Ec2Error.invalid(
                    "Tag value exceeds the maximum length of 256 characters: " + value)
                .asRefusal();
          }
        });
    if (tags.size() > 50) {
      throw new Ec2Error(400, "TagLimitExceeded", "The maximum number of tags is 50").asRefusal();
    }
  }
}
