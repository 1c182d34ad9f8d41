package dev.buildman.intake;

import dev.buildman.intake.BuildCreation.Created;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Source;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.orchestrator.queue.RetryBuild;
import dev.buildman.seal.Annotations;
import dev.buildman.seal.Opened;
import dev.buildman.seal.SealedSpecs;
import dev.buildman.seal.Shown;
import dev.buildman.sources.SourceDigest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats an ended build as a new one that asks for the same. */
public final class BuildRetry {

  private static final Logger log = LoggerFactory.getLogger(BuildRetry.class);

  private final BuildCreation.Parts parts;
  private final BuildCreation creation;
  private final RetryBuild retryBuild;

  /** Retries by the same parts as creations. */
  public BuildRetry(BuildCreation.Parts parts, BuildCreation creation) {
    this.parts = parts;
    this.creation = creation;
    this.retryBuild = new RetryBuild(parts.scripts());
  }

  /**
   * Enqueues the new build.
   *
   * @param old id of the ended build
   * @param created id of the new one; empty: made here
   * @throws OrchestratorAway when it is not known whether it was stored: ask again with the same
   *     new id
   */
  public Answer<Created> run(String old, String created) {
    Violations violations = new Violations();
    BuildId ended = violations.parse("build_id", () -> new BuildId(old));
    BuildId fresh = RequestCheck.id("new_build_id", created, violations);
    if (ended == null || fresh == null) {
      return new Answer.Invalid<>(violations.all());
    }
    Optional<BuildRecord> record = parts.reader().record(ended);
    return record.isEmpty() ? Answer.unknown(old) : retry(record.get(), fresh);
  }

  private Answer<Created> retry(BuildRecord record, BuildId fresh) {
    return switch (parts.specs().open(record.id(), record.spec().bytes())) {
      case Opened.Whole(BuildSpec spec) -> {
        Optional<String> gone = goneSource(spec);
        yield gone.isPresent() ? sourceGone(gone.get()) : enqueue(record, spec, fresh);
      }
      case Opened.SecretGone(String field) ->
          new Answer.Denied<>(
              Answer.Denial.SECRET_GONE,
              "the build's secret "
                  + field
                  + " cannot be opened any more, as its key was rotated"
                  + " away: create a new build",
              field);
      case Opened.Broken _ ->
          throw new IllegalStateException("a build's stored spec is broken: id=" + record.id());
    };
  }

  private Optional<String> goneSource(BuildSpec spec) {
    if (spec.source() instanceof Source.Uploaded(String digest)) {
      boolean there = SourceDigest.parse(digest).filter(parts.sources()::isThere).isPresent();
      return there ? Optional.empty() : Optional.of(digest);
    }
    return Optional.empty();
  }

  private static Answer<Created> sourceGone(String digest) {
    return new Answer.Denied<>(
        Answer.Denial.SOURCE_GONE,
        "the build's uploaded source is gone: upload it again and create a new build",
        digest);
  }

  private Answer<Created> enqueue(BuildRecord record, BuildSpec spec, BuildId fresh) {
    Annotations annotations =
        SealedSpecs.shown(record.spec().bytes()).map(Shown::annotations).orElse(Annotations.NONE);
    SealedSpec stored = SealedSpec.of(parts.specs().seal(fresh, spec, annotations));
    return switch (parts.patience().call(() -> retryBuild.run(record.id(), fresh, stored))) {
      case Result.Applied<BuildId>(BuildId id) -> {
        parts.metrics().enqueued();
        log.info("build retried: build={}, retry_of={}", id, record.id());
        yield creation.created(id, false);
      }
      case Result.AlreadyThere<BuildId>(BuildId id) -> creation.created(id, true);
      case Result.Refused<BuildId>(Refusal refusal, String detail) ->
          refused(record, refusal, detail);
    };
  }

  private Answer<Created> refused(BuildRecord record, Refusal refusal, String detail) {
    String old = record.id().value();
    return switch (refusal) {
      case UNKNOWN -> Answer.unknown(old);
      case NOT_ENDED ->
          new Answer.Denied<>(
              Answer.Denial.NOT_ENDED,
              "build %s has not ended (%s): cancel it first, or wait"
                  .formatted(old, record.standing().phase().word()),
              record.standing().phase().word());
      case OTHER_BODY, QUEUE_FULL -> creation.refused(refusal, detail);
      default -> throw new IllegalStateException("retry was refused: " + refusal + " " + detail);
    };
  }
}
