package dev.buildman.session;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.seal.Opened;
import dev.buildman.tags.RegistryTags;
import dev.buildman.tags.TagLookup;
import dev.buildman.tags.TagQuestion;
import dev.buildman.token.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tag of the target repository an agent should pull as a cache before it builds: the first of
 * the build's own that the registry has, else the newest that a finished build of the repository
 * has put.
 *
 * <p>Where the registry cannot be asked a tag of a finished build is only a guess: an agent of ours
 * goes on without it, Quay's would fail when it is not there any more, and is told of none.
 */
public final class CachedTags {
  private static final Logger log = LoggerFactory.getLogger(CachedTags.class);

  /** Tags move: what the last few builds have put is worth a question. */
  private static final int LAST_BUILDS = 3;

  private final StoredBuilds builds;
  private final RegistryTags registries;
  private final Heartbeats heartbeats;

  public CachedTags(StoredBuilds builds, RegistryTags registries, Heartbeats heartbeats) {
    this.builds = builds;
    this.registries = registries;
    this.heartbeats = heartbeats;
  }

  /** The tag; empty: none. Blocks for some seconds at most. */
  public String tagFor(Grant.Job grant) {
    heartbeats.signOfLife(grant);
    try {
      return builds
          .record(grant.build())
          .flatMap(record -> spec(grant, record))
          .filter(spec -> !spec.noCache())
          .flatMap(spec -> tag(grant, spec))
          .orElse("");
    } catch (RedisUnavailable e) {
      // A cache is not worth waiting for.
      log.debug("no tag for a cache: build={}, cause={}", grant.build(), e.getMessage());
      return "";
    }
  }

  private Optional<BuildSpec> spec(Grant.Job grant, BuildRecord record) {
    return builds.open(grant.build(), record.spec()) instanceof Opened.Whole(BuildSpec spec)
        ? Optional.of(spec)
        : Optional.empty();
  }

  private Optional<String> tag(Grant.Job grant, BuildSpec spec) {
    List<String> known = known(spec);
    List<String> tags = Stream.concat(spec.tags().stream(), known.stream()).distinct().toList();
    TagQuestion question =
        new TagQuestion(spec.registry(), spec.repository().toString(), tags, credentials(spec));
    TagLookup answer = registries.first(question);
    log.debug("tag for a cache: build={}, answer={}", grant.build(), answer);
    return switch (answer) {
      case TagLookup.Found(String tag) -> Optional.of(tag);
      case TagLookup.None() -> Optional.empty();
      case TagLookup.Unknown _ ->
          grant.agent() == AgentKind.QUAY ? Optional.empty() : known.stream().findFirst();
    };
  }

  /** Of the last builds that were pushed to the same place, the newest first. */
  private List<String> known(BuildSpec spec) {
    RepositoryName repository = spec.repository();
    List<String> tags = new ArrayList<>();
    for (BuildRecord build : builds.newest(repository, Set.of(Phase.COMPLETE), LAST_BUILDS)) {
      StoredBuilds.shown(build)
          .filter(shown -> shown.registry().equals(spec.registry()))
          .ifPresent(shown -> tags.addAll(shown.tags()));
    }
    return tags;
  }

  /** What may be pushed to may be read. */
  private static Credentials credentials(BuildSpec spec) {
    return spec.push().isEmpty()
        ? spec.pull().getOrDefault(spec.registry(), Credentials.NONE)
        : spec.push();
  }
}
