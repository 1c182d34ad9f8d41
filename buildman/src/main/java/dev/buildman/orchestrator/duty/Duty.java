package dev.buildman.orchestrator.duty;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.orchestrator.job.WorkerHandle;
import dev.buildman.redis.Reply;
import java.time.Instant;
import java.util.Optional;

/**
 * A worker that must be seen gone. Holds all that is needed for it and outlives its build's record.
 *
 * @param attempt whose worker it is, with the nonce of its claim
 * @param reason code of what ended the attempt
 * @param agent whose agent it had; empty: none registered
 * @param abandoned its host has been gone for so long that agents of ours have ended themselves:
 *     confirm it without asking
 */
public record Duty(
    JobRef attempt,
    WorkerHandle worker,
    String reason,
    Optional<AgentKind> agent,
    Progress progress,
    boolean abandoned) {

  /**
   * @param launchAnswered whether the launch was recorded; else a worker may still come
   * @param created when the attempt ended, by Redis's clock
   * @param earliestClose before this it cannot be confirmed
   * @param tries so far
   * @param trouble why the last one did not do it; empty: there was none
   */
  public record Progress(
      boolean launchAnswered, Instant created, Instant earliestClose, int tries, String trouble) {}

  static Duty of(Reply fields) {
    return new Duty(
        new JobRef(
            new AttemptId(new BuildId(fields.text("id")), fields.integer("attempt")),
            Nonce.parse(fields.text("nonce"))),
        WorkerHandle.of(fields),
        fields.text("reason"),
        fields.optional("agent").map(AgentKind::ofWord),
        new Progress(
            fields.flag("answered"),
            fields.time("created").orElse(Instant.EPOCH),
            fields.time("earliest_close").orElse(Instant.EPOCH),
            fields.integer("tries"),
            fields.text("trouble")),
        fields.flag("abandoned"));
  }
}
