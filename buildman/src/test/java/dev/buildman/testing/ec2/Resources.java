package dev.buildman.testing.ec2;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The calls that list what launches name: types, images, networks, keys, templates. */
final class Resources {
  private final Region region;

  Resources(Region region) {
    this.region = region;
  }

  Consumer<Xml> types(Query request) {
    List<String> wanted = request.list("InstanceType");
    List<String> unknown = wanted.stream().filter(type -> !region.types.containsKey(type)).toList();
    if (!unknown.isEmpty()) {
      throw Ec2Error.notFound(
              "InvalidInstanceType",
              "The following supplied instance types do not exist: " + unknown)
          .asRefusal();
    }
    return xml ->
        xml.items(
            "instanceTypeSet",
            wanted.isEmpty() ? region.types.keySet() : wanted,
            (item, name) -> type(item, name, region.types.get(name)));
  }

  private static void type(Xml item, String name, Region.Type type) {
    item.put("instanceType", name).put("currentGeneration", type.nitro()).put("bareMetal", false);
    item.texts("supportedUsageClasses", List.of("on-demand", "spot"));
    item.texts("supportedVirtualizationTypes", List.of("hvm"));
    item.put("hypervisor", type.nitro() ? "nitro" : "xen");
    item.in(
        "processorInfo",
        processor -> processor.texts("supportedArchitectures", List.of(type.architecture())));
    item.in("vCpuInfo", processors -> processors.put("defaultVCpus", type.processors()));
    item.in("memoryInfo", memory -> memory.put("sizeInMiB", 4096 * type.processors()));
  }

  Consumer<Xml> images(Query request) {
    List<String> wanted =
        wanted(
            request.list("ImageId"),
            region.images.keySet(),
            "InvalidAMIID.NotFound",
            "The image id '[%s]' does not exist");
    return list("imagesSet", wanted, this::image);
  }

  private void image(Xml item, String id) {
    item.put("imageId", id).put("imageLocation", "125523088429/fedora-coreos-" + id);
    item.put("imageState", "available").put("imageOwnerId", "125523088429").put("isPublic", true);
    item.put("architecture", region.images.get(id)).put("imageType", "machine");
    item.put("name", "fedora-coreos-" + id).put("rootDeviceType", "ebs");
    item.put("rootDeviceName", "/dev/xvda");
    item.items(
        "blockDeviceMapping",
        List.of("/dev/xvda"),
        (device, name) ->
            device
                .put("deviceName", name)
                .in(
                    "ebs",
                    ebs ->
                        ebs.put("snapshotId", "snap-0123")
                            .put("volumeSize", 10)
                            .put("deleteOnTermination", true)
                            .put("volumeType", "gp3")
                            .put("encrypted", false)));
    item.put("virtualizationType", "hvm").put("hypervisor", "xen").put("enaSupport", true);
    item.put("creationDate", "2026-11-01T00:00:00.000Z");
  }

  Consumer<Xml> subnets(Query request) {
    List<String> wanted =
        wanted(
            request.list("SubnetId"),
            region.subnets.keySet(),
            "InvalidSubnetID.NotFound",
            "The subnet ID '%s' does not exist");
    return list(
        "subnetSet",
        wanted,
        (item, id) ->
            item.put("subnetId", id)
                .put("state", "available")
                .put("vpcId", "vpc-00000001")
                .put("cidrBlock", "10.0.0.0/20")
                .put("availableIpAddressCount", 4000)
                .put("availabilityZone", region.subnets.get(id))
                .put("mapPublicIpOnLaunch", true));
  }

  Consumer<Xml> groups(Query request) {
    List<String> wanted =
        wanted(
            request.list("GroupId"),
            region.groups,
            "InvalidGroup.NotFound",
            "The security group '%s' does not exist");
    return list(
        "securityGroupInfo",
        wanted,
        (item, id) ->
            item.put("ownerId", Region.ACCOUNT)
                .put("groupId", id)
                .put("groupName", "builders")
                .put("groupDescription", "builders")
                .put("vpcId", "vpc-00000001"));
  }

  Consumer<Xml> keys(Query request) {
    List<String> wanted =
        wanted(
            request.list("KeyName"),
            region.keys,
            "InvalidKeyPair.NotFound",
            "The key pair '%s' does not exist");
    return list(
        "keySet",
        wanted,
        (item, name) ->
            item.put("keyPairId", "key-0123456789abcdef0")
                .put("keyName", name)
                .put("keyType", "ed25519"));
  }

  Consumer<Xml> templates(Query request) {
    List<String> names = new ArrayList<>(request.list("LaunchTemplateName"));
    for (String id : request.list("LaunchTemplateId")) {
      if (!id.equals(Region.TEMPLATE_ID)) {
        throw Launching.unknownTemplate(id, true);
      }
      names.add(Region.TEMPLATE);
    }
    for (String name : names) {
      if (!region.templates.containsKey(name)) {
        throw Launching.unknownTemplate(name, false);
      }
    }
    return list("launchTemplates", names, Resources::template);
  }

  private static void template(Xml item, String name) {
    item.put("launchTemplateId", Region.TEMPLATE_ID).put("launchTemplateName", name);
    item.put("defaultVersionNumber", 1).put("latestVersionNumber", 2);
  }

  /** The versions of a template, of which there is one. */
  Consumer<Xml> templateVersions(Query request) {
    boolean byId = request.has("LaunchTemplateId");
    String name = byId ? request.get("LaunchTemplateId") : request.get("LaunchTemplateName");
    String own = name.equals(Region.TEMPLATE_ID) ? Region.TEMPLATE : name;
    Map<String, String> template = region.templates.get(own);
    if (template == null) {
      throw Launching.unknownTemplate(name, byId);
    }
    return list(
        "launchTemplateVersionSet",
        List.of(own),
        (item, _) -> {
          item.put("launchTemplateId", Region.TEMPLATE_ID).put("launchTemplateName", own);
          item.put("versionNumber", 1).put("defaultVersion", true);
          item.in(
              "launchTemplateData",
              data -> {
                Query values = new Query(template);
                optional(data, "imageId", values.get("ImageId"));
                optional(data, "instanceType", values.get("InstanceType"));
                optional(data, "keyName", values.get("KeyName"));
              });
        });
  }

  private static void optional(Xml xml, String name, String value) {
    if (!value.isEmpty()) {
      xml.put(name, value);
    }
  }

  private static <T> Consumer<Xml> list(String name, List<T> all, BiConsumer<Xml, T> one) {
    return xml -> xml.items(name, all, one);
  }

  private static List<String> wanted(
      List<String> ids, Collection<String> known, String code, String message) {
    for (String id : ids) {
      if (!known.contains(id)) {
        throw Ec2Error.notFound(code, message.formatted(id)).asRefusal();
      }
    }
    return ids.isEmpty() ? List.copyOf(known) : ids;
  }
}
