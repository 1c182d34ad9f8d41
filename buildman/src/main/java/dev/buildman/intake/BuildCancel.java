package dev.buildman.intake;

import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.Cancel;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends builds for clients, in any phase. */
public final class BuildCancel {

  private static final Logger log = LoggerFactory.getLogger(BuildCancel.class);
  private static final int LONGEST_REASON = 1000;
  private static final int LONGEST_NAME = 255;

  private final Cancel cancel;
  private final BuildReader reader;
  private final Patience patience;
  private final Metrics metrics;

  /** Cancels by these scripts. */
  public BuildCancel(
      OrchestratorScripts scripts, BuildReader reader, Patience patience, Metrics metrics) {
    this.cancel = new Cancel(scripts);
    this.reader = reader;
    this.patience = patience;
    this.metrics = metrics;
  }

  /**
   * Ends the build at once; its worker follows. Done again for a build that is cancelled already.
   *
   * @param reason for its history; empty: none
   * @param by who wants it; empty: unknown
   * @throws OrchestratorAway when it is not known whether it was cancelled: ask again
   */
  public Answer<BuildView> run(String id, String reason, String by) {
    Violations violations = new Violations();
    violations.require(
        isLine(reason, LONGEST_REASON), "reason", "at most 1000 characters, one line");
    violations.require(isLine(by, LONGEST_NAME), "by", "at most 255 characters, one line");
    BuildId build = violations.parse("build_id", () -> new BuildId(id));
    if (build == null || !violations.isEmpty()) {
      return new Answer.Invalid<>(violations.all());
    }
    Result<Ended> result = patience.call(() -> cancel.run(build, by, sentence(reason, by)));
    if (result instanceof Result.Refused<Ended>(Refusal refusal, String _)) {
      return refused(build, refusal);
    }
    if (result instanceof Result.Applied<Ended>(Ended ended)) {
      metrics.buildEnded(ended.phase().word(), ended.reason().code());
      log.info("build cancelled: build={}, by={}", id, by);
    }
    return reader.get(build);
  }

  private static String sentence(String reason, String by) {
    if (reason.isEmpty() && by.isEmpty()) {
      return "";
    }
    String who = by.isEmpty() ? "Cancelled" : "Cancelled by " + by;
    return reason.isEmpty() ? who + "." : who + ": " + reason;
  }

  private Answer<BuildView> refused(BuildId build, Refusal refusal) {
    Optional<BuildView> view = reader.find(build);
    if (refusal == Refusal.UNKNOWN || view.isEmpty()) {
      return Answer.unknown(build.value());
    }
    String phase = view.get().standing().phase().word();
    return new Answer.Denied<>(
        Answer.Denial.ENDED, "build %s has ended already: %s".formatted(build, phase), phase);
  }

  // Controls would break a history's lines and people's terminals.
  private static boolean isLine(String text, int longest) {
    return text.length() <= longest && text.chars().allMatch(c -> c >= ' ' && c != 0x7f);
  }
}
