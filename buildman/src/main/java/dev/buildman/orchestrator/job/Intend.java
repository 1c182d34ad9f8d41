package dev.buildman.orchestrator.job;

import dev.buildman.model.HostId;
import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.time.Duration;
import java.time.Instant;

/** Records that a worker is about to be started: from here on the attempt counts. */
public final class Intend {
  private static final Script SCRIPT = Script.load(Intend.class, "intend.lua");

  private final OrchestratorScripts scripts;

  public Intend(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Only who is answered Applied, or AlreadyThere to its own repeat, may make the launch call,
   * once. Refused with NOT_YOURS (nothing was started: go idle), OTHER_INTENT, EXECUTOR_FULL.
   *
   * @return deadline for the recorded launch, by Redis's clock
   */
  public Result<Instant> run(JobRef job, WorkerPlace place) {
    Arguments arguments =
        place(
            new Arguments()
                .with("id", job.build())
                .with("attempt", job.attempt().number())
                .with("nonce", job.nonce()),
            place);
    return scripts.run(SCRIPT, arguments, Intend::deadline);
  }

  static Arguments place(Arguments arguments, WorkerPlace place) {
    return arguments
        .with("executor", place.executor())
        .with("host", place.host().map(HostId::value).orElse(""))
        .with("name", place.name())
        .with(
            "maximum",
            place.maximumWorkers().isPresent()
                ? Integer.toString(place.maximumWorkers().getAsInt())
                : "")
        .with("max_life", place.maxLife().orElse(Duration.ZERO));
  }

  private static Instant deadline(Reply reply) {
    return reply.time("deadline").orElse(Instant.EPOCH);
  }
}
