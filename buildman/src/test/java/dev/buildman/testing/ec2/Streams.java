package dev.buildman.testing.ec2;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Fedora CoreOS's own list of its images, one document for each channel. */
final class Streams {
  private static final String RELEASE = "44.20261101.3.0";

  private final Map<String, Map<String, String>> channels = new ConcurrentHashMap<>();

  Streams() {
    set("stable", "x86_64", Region.IMAGE_X86);
    set("stable", "aarch64", Region.IMAGE_ARM);
  }

  /** The newest image of a channel for an architecture, in Fedora's words. */
  void set(String channel, String architecture, String image) {
    channels.computeIfAbsent(channel, _ -> new ConcurrentHashMap<>()).put(architecture, image);
  }

  /** Empty: there is no such channel. */
  String document(String channel) {
    Map<String, String> images = channels.getOrDefault(channel, Map.of());
    if (images.isEmpty()) {
      return "";
    }
    String architectures =
        images.entrySet().stream()
            .map(image -> architecture(image.getKey(), image.getValue()))
            .collect(Collectors.joining(","));
    return """
    {"stream": "%s",
     "metadata": {"last-modified": "2026-11-17T20:21:00Z",
      "generator": "fedora-coreos-stream-generator v0.2.14"},
     "architectures": {%s}}
    """
        .formatted(channel, architectures);
  }

  private static String architecture(String name, String image) {
    return """
    "%1$s": {
      "artifacts": {"aws": {"release": "%2$s", "formats": {"vmdk.xz": {"disk": {
        "location": "https://builds.example/fedora-coreos-%2$s-aws.%1$s.vmdk.xz",
        "signature": "https://builds.example/fedora-coreos-%2$s-aws.%1$s.vmdk.xz.sig",
        "sha256": "%4$s", "uncompressed-sha256": "%4$s"}}}}},
      "images": {"aws": {"regions": {
        "eu-central-1": {"release": "%2$s", "image": "ami-0ffffffffffffffff"},
        "%5$s": {"release": "%2$s", "image": "%3$s"}}}}}
    """
        .formatted(name, RELEASE, image, "0".repeat(64), Region.NAME);
  }
}
