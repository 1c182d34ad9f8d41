package dev.buildman.orchestrator.job;

import dev.buildman.model.AttemptId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.util.concurrent.CompletionStage;

/** Gives an agent a session, which fences every earlier one of the build. */
public final class Register {
  private static final Script SCRIPT = Script.load(Register.class, "register.lua");

  private final OrchestratorScripts scripts;

  public Register(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: the attempt and the call id. Refused with ENDED (no job, another attempt, nonce or
   * executor, or no intent yet), TOKEN_SPENT, AGENT_LACKS_CAPABILITY (this ends the attempt).
   */
  public Result<Registered> run(Registration registration) {
    return scripts.run(SCRIPT, arguments(registration), reply -> registered(registration, reply));
  }

  /** As {@link #run}; completes on the connection's event loop. */
  public CompletionStage<Result<Registered>> runAsync(Registration registration) {
    return scripts.runAsync(
        SCRIPT, arguments(registration), reply -> registered(registration, reply));
  }

  private static Arguments arguments(Registration registration) {
    Registration.Agent agent = registration.agent();
    return new Arguments()
        .with("id", registration.job().build())
        .with("attempt", registration.job().attempt().number())
        .with("nonce", registration.job().nonce())
        .with("executor", registration.executor())
        .with("call", registration.callId())
        .with("version", agent.version())
        .with("capabilities", String.join(" ", agent.capabilities()))
        .with("manager", registration.manager())
        .with("next", registration.next().map(ExecutorName::value).orElse(""))
        .with("needs", String.join(" ", registration.needs()));
  }

  private static Registered registered(Registration registration, Reply reply) {
    AttemptId attempt = registration.job().attempt();
    return new Registered(
        new SessionRef(attempt, reply.integer("session"), registration.job().nonce()),
        reply.flag("current"),
        RepositoryName.parse(reply.text("ns") + "/" + reply.text("repo")),
        SealedSpec.of(reply.bytes("spec")),
        reply.span("time_left"));
  }
}
