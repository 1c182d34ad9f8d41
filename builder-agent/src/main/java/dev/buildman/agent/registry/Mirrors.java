package dev.buildman.agent.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Other places where a registry's images may be pulled, looked at in their order before the
 * registry itself. A mirror is a host with an optional path that goes before the repository's;
 * {@code http://} in front of it makes it insecure.
 */
public final class Mirrors {
  /** None. */
  public static final Mirrors NONE = new Mirrors(Map.of(), Set.of());

  private final Map<String, List<String>> byRegistry;
  private final Set<String> insecure;

  private Mirrors(Map<String, List<String>> byRegistry, Set<String> insecure) {
    this.byRegistry = byRegistry;
    this.insecure = insecure;
  }

  /**
   * Mirrors by the registry that they stand for.
   *
   * @throws IllegalArgumentException naming the mirror that is none
   */
  public static Mirrors of(Map<String, List<String>> mirrors) {
    Map<String, List<String>> byRegistry = new HashMap<>();
    Set<String> insecure = new HashSet<>();
    mirrors.forEach(
        (registry, places) -> {
          List<String> prefixes = new ArrayList<>();
          for (String place : places) {
            String prefix = place.strip().replaceFirst("^[a-zA-Z]+://", "").replaceAll("/+$", "");
            Repository example = repository(prefix, "check");
            prefixes.add(prefix);
            if (place.strip().toLowerCase(Locale.ROOT).startsWith("http://")) {
              insecure.add(example.registry());
            }
          }
          byRegistry.put(Repository.canonical(registry), List.copyOf(prefixes));
        });
    return new Mirrors(Map.copyOf(byRegistry), Set.copyOf(insecure));
  }

  private static Repository repository(String prefix, String path) {
    int slash = prefix.indexOf('/');
    return slash < 0
        ? new Repository(prefix, path)
        : new Repository(prefix.substring(0, slash), prefix.substring(slash + 1) + "/" + path);
  }

  /** Where else a repository may be had, the best first. */
  List<Repository> of(Repository origin) {
    return byRegistry.getOrDefault(origin.registry(), List.of()).stream()
        .map(prefix -> repository(prefix, origin.path()))
        .toList();
  }

  /** The places by registry, each {@code host[:port][/path]}, for engines that pull themselves. */
  public Map<String, List<String>> byRegistry() {
    return byRegistry;
  }

  /** The hosts that may be spoken to over plain http. */
  public Set<String> insecure() {
    return insecure;
  }

  @Override
  public String toString() {
    return "Mirrors" + byRegistry;
  }
}
