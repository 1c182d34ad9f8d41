package dev.buildman.orchestrator.queue;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.util.List;

/**
 * Takes runnable builds, one namespace after the other, while slots are free. Costs O(log n) for
 * each build taken, whatever waits.
 */
public final class Claim {
  private static final Script SCRIPT = Script.load(Claim.class, "claim.lua");

  private final OrchestratorScripts scripts;

  public Claim(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Natural key: the nonce. One call at a time per manager; a call without an answer is repeated
   * with the same nonce and finds the same builds (without those that were lost meanwhile). Refused
   * with EMPTY, FULL, STALE_NONCE, FAILED_OVER.
   *
   * @param nonce of this manager, with a counter higher than any before
   * @param most builds to take, from 1
   */
  public Result<List<ClaimedBuild>> run(Nonce nonce, int most) {
    Arguments arguments =
        new Arguments()
            .with("manager", nonce.manager())
            .with("counter", nonce.counter())
            .with("nonce", nonce)
            .with("most", most);
    return scripts.run(SCRIPT, arguments, reply -> claimed(reply, nonce));
  }

  private static List<ClaimedBuild> claimed(Reply reply, Nonce nonce) {
    return reply.children("builds").stream()
        .map(
            build -> {
              BuildId id = new BuildId(build.text("id"));
              return ClaimedBuild.of(
                  build, new JobRef(new AttemptId(id, build.integer("attempt")), nonce));
            })
        .toList();
  }
}
