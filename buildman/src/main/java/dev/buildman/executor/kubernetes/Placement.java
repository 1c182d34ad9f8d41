package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.ConfigValue;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** On which nodes a worker may run, and how. */
record Placement(
    Map<String, String> nodeSelector,
    List<Toleration> tolerations,
    Optional<Affinity> affinity,
    Optional<String> runtimeClass,
    Optional<String> priorityClass) {

  Placement {
    nodeSelector = Map.copyOf(nodeSelector);
    tolerations = List.copyOf(tolerations);
  }

  static Placement parse(ConfigMap map) {
    KubernetesSerialization typed = new KubernetesSerialization();
    List<Toleration> tolerations = new ArrayList<>();
    int index = 0;
    for (ConfigMap toleration : map.sections("TOLERATIONS")) {
      Optional<Toleration> read =
          read(typed, map, "TOLERATIONS[" + index++ + "]", tree(toleration), Toleration.class);
      read.ifPresent(tolerations::add);
    }
    Optional<Affinity> affinity =
        map.has("AFFINITY")
            ? read(typed, map, "AFFINITY", tree(map.section("AFFINITY")), Affinity.class)
            : Optional.empty();
    return new Placement(
        nodeSelector(map),
        tolerations,
        affinity,
        map.text("RUNTIME_CLASS"),
        map.text("PRIORITY_CLASS"));
  }

  private static Map<String, String> nodeSelector(ConfigMap map) {
    Map<String, String> labels = new LinkedHashMap<>(map.textMap("NODE_SELECTOR"));
    Optional<String> key = map.text("NODE_SELECTOR_LABEL_KEY");
    Optional<String> value = map.text("NODE_SELECTOR_LABEL_VALUE");
    // Quay's default key, which selects nothing while no value is given.
    value.ifPresent(v -> labels.put(key.orElse("beta.kubernetes.io/instance-type"), v));
    return labels;
  }

  private static <T extends KubernetesResource> Optional<T> read(
      KubernetesSerialization typed,
      ConfigMap map,
      String key,
      Map<String, Object> tree,
      Class<T> type) {
    try {
      T value = typed.convertValue(tree, type);
      Map<?, ?> known = typed.convertValue(value, Map.class);
      if (known.keySet().containsAll(tree.keySet()) && !unknown(value)) {
        return Optional.of(value);
      }
      map.problem(key.replaceFirst("\\[.*", ""), "has a field that Kubernetes does not know");
    } catch (RuntimeException e) {
      map.problem(
          key.replaceFirst("\\[.*", ""),
          "is not what Kubernetes calls %s: %s"
              .formatted(
                  type.getSimpleName(),
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
    return Optional.empty();
  }

  private static boolean unknown(KubernetesResource value) {
    return switch (value) {
      case Toleration toleration -> !toleration.getAdditionalProperties().isEmpty();
      case Affinity affinity -> !affinity.getAdditionalProperties().isEmpty();
      default -> false;
    };
  }

  // Free-form maps and lists as the client library reads them.
  private static Map<String, Object> tree(ConfigMap map) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (String name : map.names()) {
      Optional<ConfigValue> value = map.value(name);
      if (value.isEmpty()) {
        continue;
      }
      if (value.get().isMap()) {
        tree.put(name, tree(map.section(name)));
      } else if (value.get().isList()) {
        tree.put(name, list(map, name));
      } else {
        value.get().text().ifPresent(text -> tree.put(name, text));
      }
    }
    return tree;
  }

  private static List<Object> list(ConfigMap map, String name) {
    List<Object> list = new ArrayList<>();
    int index = 0;
    for (ConfigValue element : map.values(name)) {
      if (element.isMap()) {
        list.add(tree(map.section(name, index)));
      } else {
        element.text().ifPresent(list::add);
      }
      index++;
    }
    return list;
  }

  void place(PodSpec pod) {
    pod.setNodeSelector(nodeSelector);
    pod.setTolerations(tolerations);
    affinity.ifPresent(pod::setAffinity);
    runtimeClass.ifPresent(pod::setRuntimeClassName);
    priorityClass.ifPresent(pod::setPriorityClassName);
  }
}
