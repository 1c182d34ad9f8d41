package dev.buildman.orchestrator.job;

import dev.buildman.model.BuildResult;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.concurrent.CompletionStage;

/** Ends an attempt by its agent's word: COMPLETE, or a failure. */
public final class FinishPhase {
  private static final Script SCRIPT = Script.load(FinishPhase.class, "finish-phase.lua");

  private final OrchestratorScripts scripts;

  public FinishPhase(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: session and sequence. Refused with FENCED, NOT_PUSHING (COMPLETE in another
   * phase).
   *
   * @param end COMPLETED, USER_FAILURE or PLATFORM_FAILURE
   * @param result after COMPLETE
   */
  public Result<Ended> run(SetPhase.Step step, EndNote end, BuildResult result) {
    return scripts.run(SCRIPT, arguments(step, end, result), Ended::of);
  }

  /** As {@link #run}; completes on the connection's event loop. */
  public CompletionStage<Result<Ended>> runAsync(
      SetPhase.Step step, EndNote end, BuildResult result) {
    return scripts.runAsync(SCRIPT, arguments(step, end, result), Ended::of);
  }

  private static Arguments arguments(SetPhase.Step step, EndNote end, BuildResult result) {
    return Ends.note(Heartbeat.arguments(step.session(), step.manager()), end)
        .with("seq", step.sequence())
        .with("image_id", result.imageId())
        .with("digests", String.join(" ", result.digests()))
        .with("size", result.sizeBytes())
        .with("base_image", result.baseImage())
        .with("peak", result.peak().word());
  }
}
