package dev.buildman.tags;

import java.util.Set;

/**
 * Where a manager looks itself. Builds name registries as they like, and a manager stands in a
 * network that its clients may not reach: it calls no host that its own configuration does not
 * name.
 *
 * @param registries host[:port] of those that may be asked
 * @param insecure those of them that are asked over plain HTTP
 */
public record LookupSettings(Set<String> registries, Set<String> insecure) {
  public LookupSettings {
    registries = Set.copyOf(registries);
    insecure = Set.copyOf(insecure);
  }
}
