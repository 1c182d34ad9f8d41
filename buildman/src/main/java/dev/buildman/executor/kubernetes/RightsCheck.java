package dev.buildman.executor.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;

/** Asks the API server what the manager's account may do, and lists what is missing. */
final class RightsCheck {

  private record Right(String group, String resource, String subresource, List<String> verbs) {}

  private static final List<Right> NEEDED =
      List.of(
          new Right("batch", "jobs", "", List.of("create", "get", "list", "watch", "delete")),
          new Right("", "pods", "", List.of("list", "watch", "delete")),
          new Right("", "pods", "log", List.of("get")),
          new Right("", "events", "", List.of("list", "watch")));

  private static final Right SECRETS = new Right("", "secrets", "", List.of("create", "delete"));

  private RightsCheck() {}

  /** A sentence for each thing that is missing; none when all is well. */
  static List<String> findings(Cluster cluster, boolean secrets) {
    List<Right> needed = new ArrayList<>(NEEDED);
    if (secrets) {
      needed.add(SECRETS);
    }
    List<String> missing = new ArrayList<>();
    try {
      for (Right right : needed) {
        for (String verb : right.verbs()) {
          if (!cluster.may(verb, right.group(), right.resource(), right.subresource())) {
            missing.add(verb + " " + named(right));
          }
        }
      }
    } catch (KubernetesClientException e) {
      return List.of(ApiAnswer.words(e, cluster.where()));
    }
    return missing.isEmpty()
        ? List.of()
        : List.of(
            ("its account lacks rights in the namespace %s: %s; give them by a Role, or set"
                    + " BUILDER_NAMESPACE if that is another one")
                .formatted(cluster.namespace(), String.join(", ", missing)));
  }

  private static String named(Right right) {
    String resource =
        right.subresource().isEmpty()
            ? right.resource()
            : right.resource() + "/" + right.subresource();
    return right.group().isEmpty() ? resource : resource + "." + right.group();
  }
}
