package dev.buildman.executor.ec2;

import dev.buildman.config.ConfigMap;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Something that has room or has none at a moment: a type of instance, at a place, on terms.
 *
 * @param subnet empty: the default one of whatever zone the provider chooses
 */
record Pool(String type, Optional<String> subnet, Market market) {
  private static final Pattern TYPE = Pattern.compile("[a-z0-9-]+\\.[a-z0-9-]+");
  private static final Pattern SUBNET = Pattern.compile("subnet-[0-9a-f]+");

  /**
   * Reads all of them, in the order in which they are tried: each type in each subnet, first as
   * spot where that is wanted, then on demand.
   */
  static List<Pool> parse(ConfigMap map) {
    if (!map.has("EC2_INSTANCE_TYPE")) {
      map.problem(
          "EC2_INSTANCE_TYPE",
          "is required: the type of a worker's instance, or several in order of preference, such"
              + " as m6i.large");
    }
    Set<String> types =
        checked(map, "EC2_INSTANCE_TYPE", TYPE, "is no type of instance, such as m6i.large");
    Set<String> subnets =
        checked(map, "EC2_VPC_SUBNET_ID", SUBNET, "is no subnet's id: subnet- and hex digits");
    List<Pool> pools = new ArrayList<>();
    List<Market> markets =
        map.flag("EC2_SPOT", false)
            ? List.of(Market.SPOT, Market.ON_DEMAND)
            : List.of(Market.ON_DEMAND);
    for (Market market : markets) {
      for (String type : types) {
        if (subnets.isEmpty()) {
          pools.add(new Pool(type, Optional.empty(), market));
        }
        subnets.forEach(subnet -> pools.add(new Pool(type, Optional.of(subnet), market)));
      }
    }
    return pools;
  }

  private static Set<String> checked(ConfigMap map, String key, Pattern form, String wrong) {
    Set<String> texts = new LinkedHashSet<>();
    map.values(key).stream()
        .flatMap(value -> value.as(text -> checked(text, form, wrong)).stream())
        .forEach(texts::add);
    return texts;
  }

  private static String checked(String text, Pattern form, String wrong) {
    if (!form.matcher(text).matches()) {
      throw new IllegalArgumentException(wrong);
    }
    return text;
  }

  /** For people, and the same for each look at the same pool. */
  @Override
  public String toString() {
    return type + subnet.map(id -> " in " + id).orElse("") + " (" + market + ")";
  }
}
