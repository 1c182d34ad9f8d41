package dev.buildman.testing.ec2;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The filters of a list of instances. */
final class Filters {
  private static final Map<String, Function<Instance, String>> FIELDS =
      Map.of(
          "instance-state-name", i -> i.state.word,
          "instance-id", i -> i.id,
          "client-token", i -> i.launch.get("ClientToken"),
          "instance-type", i -> i.pool.type(),
          "image-id", i -> i.launch.get("ImageId"),
          "subnet-id", i -> i.pool.subnet(),
          "availability-zone", i -> i.pool.zone(),
          "instance-lifecycle", i -> i.pool.spot() ? "spot" : "",
          "spot-instance-request-id", i -> i.spotRequest,
          "reservation-id", i -> i.reservation);

  private Filters() {}

  /** The instances that every filter lets through. */
  static List<Instance> of(Query request, List<Instance> all) {
    List<Query> filters = request.structures("Filter");
    return all.stream().filter(i -> filters.stream().allMatch(f -> matches(f, i))).toList();
  }

  private static boolean matches(Query filter, Instance instance) {
    String name = filter.get("Name");
    List<String> values = filter.list("Value");
    if (name.equals("tag-key")) {
      return values.stream().anyMatch(v -> instance.tags.keySet().stream().anyMatch(like(v)));
    }
    Optional<String> is;
    if (name.startsWith("tag:")) {
      is = Optional.ofNullable(instance.tags.get(name.substring(4)));
    } else {
      Function<Instance, String> field = FIELDS.get(name);
      if (field == null) {
        throw Ec2Error.invalid("The filter '" + name + "' is invalid").asRefusal();
      }
      is = Optional.of(field.apply(instance));
    }
    return is.isPresent() && values.stream().anyMatch(v -> like(v).test(is.get()));
  }

  private static Predicate<String> like(String pattern) {
    String quoted = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
    return Pattern.compile(quoted).asMatchPredicate();
  }
}
