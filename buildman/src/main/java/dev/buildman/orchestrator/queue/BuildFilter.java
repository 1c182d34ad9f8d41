package dev.buildman.orchestrator.queue;

import dev.buildman.model.Namespace;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import java.util.Optional;
import java.util.Set;

/**
 * Which builds to list; what is empty does not restrict.
 *
 * @param repository implies its namespace
 */
public record BuildFilter(
    Optional<Namespace> namespace, Optional<RepositoryName> repository, Set<Phase> phases) {
  /** All builds. */
  public static final BuildFilter ALL =
      new BuildFilter(Optional.empty(), Optional.empty(), Set.of());

  public BuildFilter {
    phases = Set.copyOf(phases);
  }
}
