package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Reads builds. Reading changes nothing and may be repeated. */
public final class Builds {
  private static final Script GET = Script.load(Builds.class, "get-build.lua");
  private static final Script LIST = Script.load(Builds.class, "list-builds.lua");
  private static final Script HISTORY = Script.load(Builds.class, "history.lua");
  private static final Script POSITION = Script.load(Builds.class, "position.lua");
  private static final Script OLD = Script.load(Builds.class, "old-builds.lua");

  private final OrchestratorScripts scripts;

  public Builds(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** The record; empty when the build is unknown or retired. */
  public Optional<BuildRecord> get(BuildId id) {
    Reply reply = scripts.read(GET, new Arguments().with("id", id));
    return reply.children("builds").stream().map(BuildRecords::read).findFirst();
  }

  /** What happened to a build, newest first, at most 200 entries; empty when it is unknown. */
  public List<HistoryEntry> history(BuildId id) {
    Reply reply = scripts.read(HISTORY, new Arguments().with("id", id));
    List<String> lines = reply.list("entries");
    long newest = reply.number("told");
    return IntStream.range(0, lines.size())
        .mapToObj(i -> BuildRecords.entry(newest - i, lines.get(i)))
        .toList();
  }

  /**
   * Lists builds, newest first.
   *
   * @param cursor of the page before; empty: from the newest
   * @param most builds of the page
   */
  public BuildPage list(BuildFilter filter, OptionalLong cursor, int most) {
    Arguments arguments =
        new Arguments()
            .with("ns", filter.namespace().map(Object::toString).orElse(""))
            .with("repo", filter.repository().map(Object::toString).orElse(""))
            .with(
                "phases",
                filter.phases().stream()
                    .map(phase -> phase.word())
                    .collect(Collectors.joining(" ")))
            .with("cursor", cursor.isPresent() ? Long.toString(cursor.getAsLong()) : "")
            .with("most", most);
    Reply reply = scripts.read(LIST, arguments);
    long next = reply.number("next");
    return new BuildPage(
        reply.children("builds").stream().map(BuildRecords::read).toList(),
        next == 0 ? OptionalLong.empty() : OptionalLong.of(next));
  }

  /**
   * How many builds of its namespace and repository go before a waiting build, and itself: 1 is
   * next. 0: it does not wait. Other namespaces take their turns in between.
   */
  public int position(BuildId id) {
    return scripts.read(POSITION, new Arguments().with("id", id)).integer("position");
  }

  /** Builds that ended longer ago than this, oldest first. */
  public List<BuildId> endedLongerThan(Duration retention, int most) {
    Arguments arguments = new Arguments().with("retention", retention).with("most", most);
    return scripts.read(OLD, arguments).list("builds").stream().map(BuildId::new).toList();
  }

  /** Uploaded sources whose last build ended longer ago than this. */
  public List<String> sourcesUnusedFor(Duration retention, int most) {
    Arguments arguments = new Arguments().with("retention", retention).with("most", most);
    return scripts.read(OLD, arguments).list("sources");
  }

  /** Repositories that have builds behind others: for {@link Promote} at start. */
  public List<RepositoryName> repositoriesBehind() {
    return scripts
        .read(OLD, new Arguments().with("retention", 0).with("most", 0).with("behind", true))
        .list("behind")
        .stream()
        .map(RepositoryName::parse)
        .toList();
  }
}
