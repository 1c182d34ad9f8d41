package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What all instances of an executor have in common.
 *
 * @param disk of the root volume, in GiB
 * @param profile name or ARN of the role that the instance gets; best none
 * @param publicIp whether instances in a subnet get an address of the Internet, as Quay's do
 */
record InstanceShape(
    List<String> securityGroups,
    Optional<String> keyName,
    int disk,
    Optional<String> profile,
    Optional<Template> template,
    boolean publicIp) {

  private static final int DISK = 48;
  private static final int SMALLEST = 10;
  private static final int LARGEST = 65_536;
  private static final Pattern GROUP = Pattern.compile("sg-[0-9a-f]+");

  /**
   * A launch template; what this configuration says goes before what it says.
   *
   * @param name or id
   * @param version a number, {@code $Latest} or {@code $Default}
   */
  record Template(String name, String version) {
    private static final Pattern FORM =
        Pattern.compile("[A-Za-z0-9().\\-/_]{3,128}(:([0-9]+|\\$Latest|\\$Default))?");

    static Template of(String text) {
      if (!FORM.matcher(text).matches()) {
        throw new IllegalArgumentException(
            "is no launch template: its name or id, and a version if need be, such as workers:7");
      }
      int colon = text.indexOf(':');
      return colon < 0
          ? new Template(text, "$Default")
          : new Template(text.substring(0, colon), text.substring(colon + 1));
    }

    boolean isId() {
      return name.matches("lt-[0-9a-f]{8,}");
    }
  }

  InstanceShape {
    securityGroups = List.copyOf(securityGroups);
  }

  static InstanceShape parse(ConfigMap map) {
    return new InstanceShape(
        map.values("EC2_SECURITY_GROUP_IDS").stream()
            .flatMap(value -> value.as(InstanceShape::group).stream())
            .toList(),
        map.text("EC2_KEY_NAME"),
        map.integer("BLOCK_DEVICE_SIZE", DISK, SMALLEST, LARGEST),
        map.text("EC2_IAM_INSTANCE_PROFILE"),
        map.as("EC2_LAUNCH_TEMPLATE", Template::of),
        map.flag("EC2_PUBLIC_IP", true));
  }

  private static String group(String text) {
    if (!GROUP.matcher(text).matches()) {
      throw new IllegalArgumentException("is no security group's id: sg- and hex digits");
    }
    return text;
  }
}
