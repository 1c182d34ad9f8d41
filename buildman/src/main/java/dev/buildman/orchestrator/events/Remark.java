package dev.buildman.orchestrator.events;

import dev.buildman.model.AttemptId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.Optional;

/** Adds a line to a build's history for a person to read. Changes nothing else. */
public final class Remark {
  private static final Script SCRIPT = Script.load(Remark.class, "remark.lua");

  private final OrchestratorScripts scripts;

  public Remark(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * AlreadyThere when the newest line says the same. Refused with UNKNOWN.
   *
   * @param executor that it is about; empty: none
   * @param sentence for people; never a secret
   */
  public Result<Done> run(
      AttemptId attempt, Reason reason, Optional<ExecutorName> executor, String sentence) {
    Arguments arguments =
        new Arguments()
            .with("id", attempt.build())
            .with("attempt", attempt.number())
            .with("reason", reason.code())
            .with("executor", executor.map(ExecutorName::value).orElse(""))
            .with("sentence", sentence);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
