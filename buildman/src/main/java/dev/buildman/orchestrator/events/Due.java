package dev.buildman.orchestrator.events;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.HostId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;

/** Reads what is due: the sweep's list. Events are only hints; this is the truth. */
public final class Due {
  private static final Script SCRIPT = Script.load(Due.class, "due.lua");

  private final OrchestratorScripts scripts;

  public Due(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Reads in O(log n + k).
   *
   * @param host this manager's, for its duties
   * @param most of each kind, those that have been due the longest
   */
  public DueWork run(HostId host, int most) {
    Reply reply = scripts.read(SCRIPT, new Arguments().with("host", host).with("most", most));
    return new DueWork(
        reply.list("jobs").stream().map(BuildId::new).toList(),
        reply.list("fences").stream().map(AttemptId::parse).toList(),
        reply.list("delayed").stream().map(BuildId::new).toList(),
        reply.list("parked"),
        reply.list("slots").stream().map(AttemptId::parse).toList(),
        reply.list("logs").stream().map(BuildId::new).toList(),
        reply.flag("duties"));
  }
}
