package dev.buildman.orchestrator.queue;

import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/**
 * Gives a claim back for a reason that holds for its whole namespace, which then stands aside for a
 * while: one claim per pause, whatever waits in it.
 */
public final class ParkNamespace {
  private static final Script SCRIPT = Script.load(ParkNamespace.class, "park-namespace.lua");
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private final OrchestratorScripts scripts;

  public ParkNamespace(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Refused with NOT_YOURS (also its own replay: take it for done), HAS_INTENT.
   *
   * @param kind CAPACITY: a freed slot wakes the namespace; OUTAGE: time only
   * @param pause at most 5 s
   */
  public Result<Done> run(
      JobRef job, ParkKind kind, Reason reason, String sentence, Duration pause) {
    if (pause.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("a namespace stands aside for 5 s at most, not " + pause);
    }
    Arguments arguments =
        new Arguments()
            .with("id", job.build())
            .with("attempt", job.attempt().number())
            .with("nonce", job.nonce())
            .with("kind", kind.word())
            .with("reason", reason.code())
            .with("sentence", sentence)
            .with("pause", pause);
    return scripts.run(SCRIPT, arguments, _ -> Done.DONE);
  }
}
