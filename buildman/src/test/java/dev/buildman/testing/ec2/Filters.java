package dev.buildman.testing.ec2;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The filters of a list. */
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

  private static final Map<String, Function<Instance, String>> OF_REQUESTS =
      Map.of(
          "state", i -> i.spotState,
          "status-code", i -> i.spotCode,
          "instance-id", i -> i.id,
          "spot-instance-request-id", i -> i.spotRequest);

  private Filters() {}

  /** The instances that every filter lets through. */
  static List<Instance> of(Query request, List<Instance> all) {
    return filtered(request, all, FIELDS, i -> i.tags);
  }

  /** The instances whose spot requests every filter lets through. */
  static List<Instance> ofRequests(Query request, List<Instance> all) {
    return filtered(request, all, OF_REQUESTS, i -> i.spotTags);
  }

  private static List<Instance> filtered(
      Query request,
      List<Instance> all,
      Map<String, Function<Instance, String>> fields,
      Function<Instance, Map<String, String>> tags) {
    List<Query> filters = request.structures("Filter");
    return all.stream()
        .filter(i -> filters.stream().allMatch(f -> matches(f, fields, tags.apply(i), i)))
        .toList();
  }

  private static boolean matches(
      Query filter,
      Map<String, Function<Instance, String>> fields,
      Map<String, String> tags,
      Instance instance) {
    String name = filter.get("Name");
    List<String> values = filter.list("Value");
    if (name.equals("tag-key")) {
      return values.stream().anyMatch(v -> tags.keySet().stream().anyMatch(like(v)));
    }
    Optional<String> is;
    if (name.startsWith("tag:")) {
      is = Optional.ofNullable(tags.get(name.substring(4)));
    } else {
      Function<Instance, String> field = fields.get(name);
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
