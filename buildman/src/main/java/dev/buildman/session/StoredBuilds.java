package dev.buildman.session;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.queue.BuildFilter;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.seal.Opened;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Shown;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What clients asked for, as it is kept. Thread-safe; what reads Redis blocks. */
public final class StoredBuilds {
  private final Builds builds;
  private final SealedSpecs specs;

  /**
   * @param builds read by these
   * @param specs opened by these
   */
  public StoredBuilds(Builds builds, SealedSpecs specs) {
    this.builds = builds;
    this.specs = specs;
  }

  /** A build's spec without its secrets, read from Redis; empty: no such build, or not readable. */
  Optional<BuildSpec> shown(BuildId id) {
    return builds.get(id).flatMap(StoredBuilds::shown);
  }

  /** A build; empty: there is none. Reads Redis. */
  Optional<BuildRecord> record(BuildId id) {
    return builds.get(id);
  }

  /** The last builds of a repository in these phases, newest first. Reads Redis. */
  List<BuildRecord> newest(RepositoryName repository, Set<Phase> phases, int most) {
    BuildFilter filter = new BuildFilter(Optional.empty(), Optional.of(repository), phases);
    return builds.list(filter, OptionalLong.empty(), most).builds();
  }

  static Optional<BuildSpec> shown(BuildRecord build) {
    return SealedSpecs.shown(build.spec().bytes()).map(Shown::spec);
  }

  /** A spec with its secrets; reads nothing. */
  Opened open(BuildId id, SealedSpec stored) {
    return specs.open(id, stored.bytes());
  }
}
