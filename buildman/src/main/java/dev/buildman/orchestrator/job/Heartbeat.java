package dev.buildman.orchestrator.job;

import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.concurrent.CompletionStage;

/** Moves a job's lease on: for heartbeats, and for log lines. */
public final class Heartbeat {
  private static final Script SCRIPT = Script.load(Heartbeat.class, "heartbeat.lua");

  private final OrchestratorScripts scripts;

  public Heartbeat(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Never AlreadyThere: a repeat moves the lease again. Refused with FENCED.
   *
   * @param manager that has the agent's streams
   * @return the phase
   */
  public Result<Phase> run(SessionRef session, ManagerId manager) {
    return scripts.run(
        SCRIPT, arguments(session, manager), reply -> Phase.ofWord(reply.text("phase")));
  }

  /**
   * As {@link #run}; completes on the connection's event loop.
   *
   * @param usage noted in the job, where it is known
   */
  public CompletionStage<Result<Phase>> runAsync(
      SessionRef session, ManagerId manager, Usage usage) {
    Arguments arguments = arguments(session, manager);
    if (usage.isKnown()) {
      arguments.with("usage", usage.word());
    }
    return scripts.runAsync(SCRIPT, arguments, reply -> Phase.ofWord(reply.text("phase")));
  }

  static Arguments arguments(SessionRef session, ManagerId manager) {
    return new Arguments()
        .with("id", session.build())
        .with("attempt", session.attempt().number())
        .with("session", session.session())
        .with("nonce", session.nonce())
        .with("manager", manager);
  }
}
