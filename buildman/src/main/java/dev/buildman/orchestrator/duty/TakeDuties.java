package dev.buildman.orchestrator.duty;

import dev.buildman.model.HostId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.List;

/** Takes duties that are due, so that one manager works each for a minute. */
public final class TakeDuties {
  private static final Script SCRIPT = Script.load(TakeDuties.class, "take-duties.lua");

  private final OrchestratorScripts scripts;

  public TakeDuties(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Always Applied. A lost answer's duties come back after 60 s.
   *
   * @param host this manager's: it gets the duties of cluster scope, of that host, and of hosts
   *     that have been gone for long
   */
  public Result<List<Duty>> run(HostId host, int most) {
    Arguments arguments = new Arguments().with("host", host).with("most", most);
    return scripts.run(
        SCRIPT, arguments, reply -> reply.children("duties").stream().map(Duty::of).toList());
  }
}
