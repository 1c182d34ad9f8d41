package dev.buildman.session;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogWriter;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.FinishPhase;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.token.Grant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves attempts on by their agents' word, and ends them by it. Blocks. */
public final class Phases {
  private static final Logger log = LoggerFactory.getLogger(Phases.class);

  private final SetPhase setPhase;
  private final FinishPhase finish;
  private final LogWriter logs;
  private final Patience patience;
  private final SessionSettings settings;
  private final InstantSource clock;
  private final Metrics metrics;

  /** What moves attempts on, and what ends them. */
  public record Transitions(SetPhase setPhase, FinishPhase finish) {}

  public Phases(
      Transitions transitions,
      LogWriter logs,
      Patience patience,
      SessionSettings settings,
      InstantSource clock,
      Metrics metrics) {
    this.setPhase = transitions.setPhase();
    this.finish = transitions.finish();
    this.logs = logs;
    this.patience = patience;
    this.settings = settings;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Takes or refuses a report. The same sequence number gets its first answer again.
   *
   * @throws StoreAway when Redis was away for too long
   */
  public PhaseAnswer report(Grant.Job grant, PhaseReport report) {
    var step = new SetPhase.Step(grant.session(), report.sequence(), settings.manager());
    return switch (report.step()) {
      case PhaseReport.Step.Enters(Phase phase, PhaseReport.PullMetadata metadata) ->
          enter(step, phase, metadata);
      case PhaseReport.Step.Completes(BuildResult result) ->
          end(step, EndNote.of(Ending.COMPLETED), result);
      case PhaseReport.Step.Fails(PhaseReport.Failure failure) ->
          end(step, note(failure), BuildResult.UNKNOWN);
    };
  }

  private static EndNote note(PhaseReport.Failure failure) {
    return new EndNote(
        failure.usersFault() ? Ending.USER_FAILURE : Ending.PLATFORM_FAILURE,
        failure.reason(),
        failure.sentence());
  }

  private PhaseAnswer enter(SetPhase.Step step, Phase phase, PhaseReport.PullMetadata metadata) {
    Map<String, String> data = data(metadata);
    String kept = data.isEmpty() ? "" : MetadataJson.write(data);
    Result<Phase> result = patience.hold(() -> setPhase.run(step, phase, kept));
    if (result instanceof Result.Applied<Phase>) {
      note(step, LogEntry.phase(phase, clock.instant(), data));
    }
    return answer(step, phase, result);
  }

  private PhaseAnswer end(SetPhase.Step step, EndNote note, BuildResult built) {
    Result<Ended> result = patience.hold(() -> finish.run(step, note, built));
    if (result instanceof Result.Applied<Ended>(Ended ended)) {
      log.info(
          "attempt ended: build={}, attempt={}, session={}, phase={}, reason={}",
          step.session().build(),
          step.session().attempt().number(),
          step.session().session(),
          ended.phase(),
          ended.reason());
      count(ended);
      Usage peak = built.peak();
      metrics.peak(peak.cpuMillis(), peak.memoryBytes(), peak.diskBytes());
      if (note.ending() != Ending.COMPLETED) {
        note(step, LogEntry.error(note.sentence(), clock.instant()));
      }
      note(step, LogEntry.phase(ended.phase(), clock.instant(), Map.of()));
    }
    return answer(step, note.ending() == Ending.COMPLETED ? Phase.COMPLETE : Phase.ERROR, result);
  }

  private void count(Ended ended) {
    if (ended.repeated()) {
      metrics.attemptRepeated(ended.reason().code());
    } else {
      metrics.buildEnded(ended.phase().word(), ended.reason().code());
    }
  }

  /** The log is told without being waited for: the phase stands whatever becomes of the entry. */
  private void note(SetPhase.Step step, LogEntry entry) {
    patience
        .holdAsync(() -> logs.note(step.session().build(), entry), false, () -> false)
        .whenComplete(
            (stored, failure) -> {
              if (failure != null) {
                log.warn(
                    "entry missing in the log: build={}, entry={}, why={}",
                    step.session().build(),
                    entry.type().word(),
                    failure.getMessage());
              }
            });
  }

  private static PhaseAnswer answer(SetPhase.Step step, Phase phase, Result<?> result) {
    if (!(result instanceof Result.Refused<?>(Refusal refusal, String detail))) {
      return new PhaseAnswer.Taken();
    }
    log.info(
        "phase refused: build={}, attempt={}, session={}, phase={}, reason={}, detail={}",
        step.session().build(),
        step.session().attempt().number(),
        step.session().session(),
        phase,
        refusal,
        detail);
    return new PhaseAnswer.Refused(refusal.name());
  }

  private static Map<String, String> data(PhaseReport.PullMetadata metadata) {
    Map<String, String> data = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      data.put("registry_url", metadata.registry());
      data.put("base_image", metadata.image());
      data.put("base_image_tag", metadata.tag());
      data.put("pull_username", metadata.username());
    }
    return data;
  }
}
