package dev.buildman.orchestrator.job;

import dev.buildman.model.AttemptId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.util.Optional;

/**
 * Ends an attempt whose launch failed, without any cost, and goes on. Every form is refused with
 * NOT_YOURS, NO_INTENT, LAUNCHED, and with HAS_SESSION once an agent has registered: then the
 * launch succeeded, and {@link Launched} is the next command.
 */
public final class MoveOn {
  private static final Script NEXT = Script.load(MoveOn.class, "move-on-next.lua");
  private static final Script LAST = Script.load(MoveOn.class, "move-on-last.lua");
  private static final Script AMBIGUOUS = Script.load(MoveOn.class, "move-on-ambiguous.lua");
  private static final Script IMPOSSIBLE = Script.load(MoveOn.class, "move-on-impossible.lua");

  private final OrchestratorScripts scripts;

  public MoveOn(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * The launch surely started nothing: ends this attempt and records the next one's intent; the
   * slot passes on. Natural key: nonce and attempt. Also refused with EXECUTOR_FULL: ask with the
   * one after.
   *
   * @return what the next attempt's commands must show
   */
  public Result<JobRef> next(JobRef job, WorkerPlace next, Reason reason, String sentence) {
    Arguments arguments = Intend.place(failure(job, reason, sentence), next);
    return scripts.run(
        NEXT,
        arguments,
        reply -> new JobRef(new AttemptId(job.build(), reply.integer("attempt")), job.nonce()));
  }

  /**
   * The launch surely started nothing and no executor is left: the build is parked for an outage. A
   * replay is refused with NOT_YOURS: take it for done.
   */
  public Result<Done> last(JobRef job, Reason reason, String sentence) {
    return scripts.run(LAST, failure(job, reason, sentence), _ -> Done.DONE);
  }

  /**
   * It is not known whether a worker was started: the attempt gets a duty that keeps its slot. A
   * replay is refused with NOT_YOURS: take it for done.
   *
   * @param next the build can be claimed at once and goes on from there; empty: it is parked for an
   *     outage
   */
  public Result<Done> ambiguous(
      JobRef job, Optional<ExecutorName> next, Reason reason, String sentence) {
    Arguments arguments =
        failure(job, reason, sentence).with("next", next.map(ExecutorName::value).orElse(""));
    return scripts.run(AMBIGUOUS, arguments, _ -> Done.DONE);
  }

  /**
   * The launch surely started nothing, as what the build asks for does not exist there: final. A
   * replay is refused with NOT_YOURS: take it for done.
   */
  public Result<Done> impossible(JobRef job, Reason reason, String sentence) {
    return scripts.run(IMPOSSIBLE, failure(job, reason, sentence), _ -> Done.DONE);
  }

  private static Arguments failure(JobRef job, Reason reason, String sentence) {
    return new Arguments()
        .with("id", job.build())
        .with("attempt", job.attempt().number())
        .with("nonce", job.nonce())
        .with("reason", reason.code())
        .with("sentence", sentence);
  }
}
