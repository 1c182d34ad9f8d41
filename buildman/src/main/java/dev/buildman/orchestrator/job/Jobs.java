package dev.buildman.orchestrator.job;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads jobs. Reading changes nothing and may be repeated. */
public final class Jobs {
  private static final Script GET = Script.load(Jobs.class, "get-job.lua");
  private static final Script LIVE = Script.load(Jobs.class, "live-jobs.lua");
  private static final int BATCH = 200;

  private final OrchestratorScripts scripts;

  public Jobs(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /** The build's job; empty when it has none. */
  public Optional<JobRecord> get(BuildId id) {
    return scripts.read(GET, new Arguments().with("id", id)).children("jobs").stream()
        .map(Jobs::read)
        .findFirst();
  }

  /** All jobs, in batches that do not hold Redis up; one that begins meanwhile may be missing. */
  public List<JobRecord> live() {
    List<JobRecord> jobs = new ArrayList<>();
    long cursor = 0;
    do {
      Reply reply = scripts.read(LIVE, new Arguments().with("cursor", cursor).with("most", BATCH));
      reply.children("jobs").stream().map(Jobs::read).forEach(jobs::add);
      cursor = reply.number("cursor");
    } while (cursor != 0);
    return jobs.stream().distinct().toList();
  }

  private static JobRecord read(Reply fields) {
    AttemptId attempt = new AttemptId(new BuildId(fields.text("id")), fields.integer("attempt"));
    JobRecord.Step step = JobRecord.Step.ofWord(fields.text("step"));
    return new JobRecord(
        new JobRef(attempt, Nonce.parse(fields.text("nonce"))),
        step,
        Phase.ofWord(fields.text("phase")),
        step == JobRecord.Step.CLAIMED ? Optional.empty() : Optional.of(WorkerHandle.of(fields)),
        fields.integer("session") == 0 ? Optional.empty() : Optional.of(agent(fields)),
        new JobRecord.Times(
            fields.time("claimed_at").orElse(Instant.EPOCH),
            fields.time("launched_at"),
            fields.time("registered_at"),
            fields.time("deadline").orElse(Instant.EPOCH),
            fields.time("max")));
  }

  private static JobRecord.AgentState agent(Reply fields) {
    return new JobRecord.AgentState(
        fields.integer("session"),
        fields.text("version").isEmpty() ? AgentKind.QUAY : AgentKind.OURS,
        fields.text("version"),
        new ManagerId(fields.text("streams")),
        fields.time("beat").orElse(Instant.EPOCH),
        fields.time("carried_at"),
        Usage.ofWord(fields.text("usage")));
  }
}
