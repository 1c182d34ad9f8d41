package dev.buildman.orchestrator.events;

import dev.buildman.model.HostId;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/** Says that a manager and its hosts are there; to be repeated well within the time to live. */
public final class Presence {
  private static final Script SCRIPT = Script.load(Presence.class, "presence.lua");

  private final OrchestratorScripts scripts;

  public Presence(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** Always Applied. Forgets the claims of managers that have been gone for an hour. */
  public Result<Done> run(ManagerInfo manager, Duration timeToLive) {
    Arguments arguments =
        new Arguments()
            .with("manager", manager.id())
            .with("host", manager.host())
            .with(
                "daemons", String.join(" ", manager.daemons().stream().map(HostId::value).toList()))
            .with("version", manager.version())
            .with("started", manager.started().toEpochMilli())
            .with("draining", manager.draining())
            .with("executors", ExecutorCondition.text(manager.state().executors()))
            .with("ttl", timeToLive);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
