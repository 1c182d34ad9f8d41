package dev.buildman.orchestrator.job;

import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.concurrent.CompletionStage;

/** Moves an attempt on to its next phase, short of its end, and its lease too. */
public final class SetPhase {
  private static final Script SCRIPT = Script.load(SetPhase.class, "set-phase.lua");

  private final OrchestratorScripts scripts;

  public SetPhase(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: session and sequence. The present phase again succeeds. Refused with FENCED,
   * BACKWARDS, UNKNOWN_PHASE.
   *
   * @param phase from unpacking to pushing
   * @param pullMetadata what the agent says of its base image, as it shall be kept; empty: keep
   *     what is there
   * @return the phase that the sequence number stands for
   */
  public Result<Phase> run(Step step, Phase phase, String pullMetadata) {
    return scripts.run(
        SCRIPT, arguments(step, phase, pullMetadata), reply -> Phase.ofWord(reply.text("phase")));
  }

  /** As {@link #run}; completes on the connection's event loop. */
  public CompletionStage<Result<Phase>> runAsync(Step step, Phase phase, String pullMetadata) {
    return scripts.runAsync(
        SCRIPT, arguments(step, phase, pullMetadata), reply -> Phase.ofWord(reply.text("phase")));
  }

  /**
   * Who says it.
   *
   * @param sequence of the agent's request
   * @param manager that took the request
   */
  public record Step(SessionRef session, int sequence, ManagerId manager) {}

  private static Arguments arguments(Step step, Phase phase, String pullMetadata) {
    return Heartbeat.arguments(step.session(), step.manager())
        .with("seq", step.sequence())
        .with("phase", phase.word())
        .with("pull", pullMetadata);
  }
}
