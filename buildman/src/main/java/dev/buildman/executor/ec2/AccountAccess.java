package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import dev.buildman.model.Secret;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.regions.Region;

/**
 * Which account in which region.
 *
 * @param endpoint of an emulator or of a private network; empty: the region's own
 * @param keys empty: the default chain of credentials
 */
record AccountAccess(String region, Optional<URI> endpoint, Optional<Keys> keys) {
  private static final Pattern REGION = Pattern.compile("[a-z]{2,}(-[a-z]+)+-[0-9]+");
  private static final String ID = "AWS_ACCESS_KEY";
  private static final String SECRET = "AWS_SECRET_KEY";

  /** A pair that does not change. */
  record Keys(Secret id, Secret secret) {}

  static AccountAccess parse(ConfigMap map) {
    if (!map.has("EC2_REGION")) {
      map.problem("EC2_REGION", "is required: where the workers are, such as eu-central-1");
    }
    String region = map.as("EC2_REGION", AccountAccess::region).orElse("");
    Optional<URI> endpoint = map.url("EC2_ENDPOINT", "https", "http");
    if (!region.isEmpty() && endpoint.isEmpty() && !isKnown(region)) {
      map.warning(
          "EC2_REGION",
          "\"%s\" is no region that this version knows; known are, for instance, %s"
              .formatted(region, String.join(", ", similar(region))));
    }
    return new AccountAccess(region, endpoint, keys(map));
  }

  // An empty key would take the place of the default chain and be refused by all (E18).
  private static Optional<Keys> keys(ConfigMap map) {
    Secret id = map.secret(ID).orElse(Secret.NONE);
    Secret secret = map.secret(SECRET).orElse(Secret.NONE);
    if (id.isEmpty() != secret.isEmpty()) {
      map.problem(
          id.isEmpty() ? ID : SECRET,
          "is missing: give both keys, or none for the default chain (environment, profile, web"
              + " identity, instance role)");
    }
    return id.isEmpty() || secret.isEmpty() ? Optional.empty() : Optional.of(new Keys(id, secret));
  }

  private static String region(String text) {
    if (!REGION.matcher(text).matches()) {
      throw new IllegalArgumentException("is no name of a region, such as eu-central-1");
    }
    return text;
  }

  private static boolean isKnown(String region) {
    return Region.regions().stream().anyMatch(known -> known.id().equals(region));
  }

  private static List<String> similar(String region) {
    String part = region.substring(0, region.indexOf('-') + 1);
    List<String> near =
        Region.regions().stream()
            .map(Region::id)
            .filter(id -> id.startsWith(part) && REGION.matcher(id).matches())
            .limit(8)
            .toList();
    return near.isEmpty() ? List.of("us-east-1", "eu-central-1", "ap-southeast-1") : near;
  }

  /** For people. */
  String where() {
    return "EC2 in " + region + endpoint.map(uri -> " at " + uri).orElse("");
  }
}
