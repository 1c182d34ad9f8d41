package dev.buildman.intake;

import dev.buildman.model.BuildId;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.Namespace;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Usage;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.queue.BuildFilter;
import dev.buildman.orchestrator.queue.BuildPage;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows builds to clients. Every method may throw {@link OrchestratorAway}. */
public final class BuildReader {

  private static final int DEFAULT_PAGE = 50;
  private static final int LARGEST_PAGE = 500;

  private final Builds builds;
  private final Jobs jobs;
  private final StatusReader status;
  private final OrchestratorScripts scripts;
  private final Supplier<Optional<Why>> standstill;
  private final Patience patience;

  /**
   * Reads by these scripts.
   *
   * @param standstill why this manager's executors take nothing; empty: one does
   */
  public BuildReader(
      OrchestratorScripts scripts, Supplier<Optional<Why>> standstill, Patience patience) {
    this.builds = new Builds(scripts);
    this.jobs = new Jobs(scripts);
    this.status = new StatusReader(scripts);
    this.scripts = scripts;
    this.standstill = standstill;
    this.patience = patience;
  }

  /** The build as it is now. */
  public Answer<BuildView> get(String id) {
    return parse(id).map(this::get).orElseGet(() -> malformed(id));
  }

  Answer<BuildView> get(BuildId id) {
    return find(id).<Answer<BuildView>>map(Answer.Done::new).orElseGet(() -> unknown(id));
  }

  Optional<BuildView> find(BuildId id) {
    return patience.call(() -> builds.get(id).map(record -> view(record, this::room)));
  }

  Optional<BuildRecord> record(BuildId id) {
    return patience.call(() -> builds.get(id));
  }

  /** What happened to a build, oldest first, the newest 200; nothing for an unknown one. */
  public List<HistoryEntry> history(BuildId id) {
    return patience.call(() -> builds.history(id)).reversed();
  }

  /**
   * Which builds to list, unchecked; what is empty does not restrict.
   *
   * @param size of a page; 0: 50
   * @param token of the page before; empty: from the newest
   */
  public record Query(
      String namespace, String repository, Set<Phase> phases, int size, String token) {}

  /**
   * One page, newest first.
   *
   * @param next token of the next page; empty: no more
   */
  public record Page(List<BuildView> builds, String next) {}

  /** Lists builds. */
  public Answer<Page> list(Query query) {
    Violations violations = new Violations();
    BuildFilter filter = filter(query, violations);
    OptionalLong cursor = cursor(query.token(), violations);
    violations.require(
        query.size() >= 0 && query.size() <= LARGEST_PAGE,
        "page_size",
        "it must be between 1 and " + LARGEST_PAGE + ", or 0 for " + DEFAULT_PAGE);
    if (!violations.isEmpty()) {
      return new Answer.Invalid<>(violations.all());
    }
    int size = query.size() == 0 ? DEFAULT_PAGE : query.size();
    return new Answer.Done<>(patience.call(() -> page(filter, cursor, size)));
  }

  private static BuildFilter filter(Query query, Violations violations) {
    Optional<Namespace> namespace = Optional.empty();
    if (!query.namespace().isEmpty()) {
      namespace =
          Optional.ofNullable(
              violations.parse("namespace", () -> new Namespace(query.namespace())));
    }
    Optional<RepositoryName> repository = Optional.empty();
    if (!query.repository().isEmpty()) {
      repository =
          Optional.ofNullable(
              violations.parse("repository", () -> RepositoryName.parse(query.repository())));
    }
    if (namespace.isPresent() && repository.isPresent()) {
      violations.require(
          repository.get().namespace().equals(namespace.get()),
          "repository",
          "it is not in the namespace " + namespace.get());
    }
    return new BuildFilter(namespace, repository, query.phases());
  }

  private static OptionalLong cursor(String token, Violations violations) {
    if (token.isEmpty()) {
      return OptionalLong.empty();
    }
    Long cursor = violations.parse("page_token", () -> Long.parseUnsignedLong(token, 36));
    return cursor == null ? OptionalLong.empty() : OptionalLong.of(cursor);
  }

  // The orchestrator bounds its own work per call, so a page of it may be short although more
  // follow.
  private Page page(BuildFilter filter, OptionalLong cursor, int size) {
    List<BuildView> views = new ArrayList<>();
    Supplier<Room> room = new Once(this::room);
    OptionalLong from = cursor;
    do {
      BuildPage page = builds.list(filter, from, size - views.size());
      page.builds().forEach(record -> views.add(view(record, room)));
      from = page.next();
    } while (from.isPresent() && views.isEmpty());
    String next = from.isPresent() ? Long.toUnsignedString(from.getAsLong(), 36) : "";
    return new Page(views, next);
  }

  private BuildView view(BuildRecord record, Supplier<Room> room) {
    Shown shown =
        SealedSpecs.shown(record.spec().bytes())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "a build's stored spec is broken: id=" + record.id()));
    Optional<JobRecord> job =
        record.standing().place() == Place.JOB ? jobs.get(record.id()) : Optional.empty();
    BuildRecord.Counts counts = record.course().counts();
    BuildRecord.Times times = record.course().times();
    return new BuildView(
        record.id(),
        shown.spec(),
        new BuildView.Notes(shown.annotations().foreignId(), shown.annotations().metadata()),
        standing(record, job, room),
        new BuildView.Counts(
            counts.attempt(), counts.tries(), counts.interruptions(), counts.priority()),
        new BuildView.Times(times.enqueued(), times.started(), times.ended()),
        new BuildView.Origin(record.course().retryOf(), record.course().cancelledBy()),
        job.flatMap(BuildReader::worker),
        waits(record) ? builds.position(record.id()) : 0,
        record.course().result());
  }

  private static BuildView.Standing standing(
      BuildRecord record, Optional<JobRecord> job, Supplier<Room> room) {
    return job.map(one -> StandingReason.withJob(record.standing(), one))
        .orElseGet(() -> StandingReason.withoutJob(record.standing(), room));
  }

  private static boolean waits(BuildRecord record) {
    return record.standing().phase() == Phase.WAITING;
  }

  private static Optional<BuildView.WorkerView> worker(JobRecord job) {
    return job.worker()
        .map(
            worker ->
                new BuildView.WorkerView(
                    worker.executor().toString(),
                    worker.executionId().orElse(worker.name()),
                    job.agent().map(JobRecord.AgentState::version).orElse(""),
                    job.times().launched(),
                    job.times().registered(),
                    job.agent().map(JobRecord.AgentState::usage).orElse(Usage.UNKNOWN)));
  }

  private Room room() {
    int allowed = scripts.limits().capacity().allowedWorkers();
    return Room.of(status.read(), allowed, standstill.get());
  }

  /** Asks at most once: a page of builds that wait need not ask for each. */
  private static final class Once implements Supplier<Room> {
    private final Supplier<Room> room;
    private @Nullable Room known;

    Once(Supplier<Room> room) {
      this.room = room;
    }

    @Override
    public Room get() {
      Room now = known;
      if (now == null) {
        now = room.get();
        known = now;
      }
      return now;
    }
  }

  static Optional<BuildId> parse(String id) {
    try {
      return Optional.of(new BuildId(id));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static <T> Answer<T> malformed(String id) {
    String text = id.isEmpty() ? "name the build" : "a build's id is a UUID in lower case";
    return Answer.Invalid.field("build_id", text);
  }

  private static <T> Answer<T> unknown(BuildId id) {
    return Answer.unknown(id.value());
  }
}
