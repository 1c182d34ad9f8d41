package dev.buildman.orchestrator.job;

import dev.buildman.model.ManagerId;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves jobs' leases on: for heartbeats, and for log lines. */
public final class Heartbeat {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);
  private static final String BROKEN = "BROKEN ";
  private static final Script SCRIPT = Script.load(Heartbeat.class, "heartbeat.lua");

  private final OrchestratorScripts scripts;

  public Heartbeat(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * One agent's sign of life.
   *
   * @param usage noted in the job, where it is known
   */
  public record Beat(SessionRef session, Usage usage) {}

  /**
   * Never AlreadyThere: a repeat moves the lease again. Refused with FENCED.
   *
   * @param manager that has the agent's streams
   */
  public Result<Done> run(SessionRef session, ManagerId manager) {
    List<Beat> alone = List.of(new Beat(session, Usage.UNKNOWN));
    Result<List<Optional<Result<Done>>>> result =
        scripts.run(SCRIPT, arguments(alone, manager), Heartbeat::answers);
    return each(result).getFirst().orElseThrow(Heartbeat::broken);
  }

  /**
   * As {@link #run} for many sessions in one script; completes on the connection's event loop.
   *
   * @return an answer for each, in the same order; empty where the job's own record is broken
   */
  public CompletionStage<List<Optional<Result<Done>>>> runAsync(
      List<Beat> beats, ManagerId manager) {
    return scripts
        .runAsync(SCRIPT, arguments(beats, manager), Heartbeat::answers)
        .thenApply(Heartbeat::each);
  }

  /** For whoever beats for a job whose record is broken. */
  static IllegalStateException broken() {
    return new IllegalStateException("the job's record in Redis is broken");
  }

  private static List<Optional<Result<Done>>> each(Result<List<Optional<Result<Done>>>> all) {
    return all.held().orElseThrow(() -> new IllegalStateException("all beats refused: " + all));
  }

  private static Arguments arguments(List<Beat> beats, ManagerId manager) {
    StringBuilder lines = new StringBuilder(beats.size() * 128);
    for (Beat beat : beats) {
      SessionRef session = beat.session();
      lines
          .append(session.build())
          .append(' ')
          .append(session.attempt().number())
          .append(' ')
          .append(session.session())
          .append(' ')
          .append(session.nonce())
          .append(' ')
          .append(beat.usage().word())
          .append('\n');
    }
    return new Arguments().with("manager", manager).with("beats", lines);
  }

  private static List<Optional<Result<Done>>> answers(Reply reply) {
    List<Optional<Result<Done>>> answers = new ArrayList<>();
    for (String answer : reply.list("answers")) {
      answers.add(answer(answer));
    }
    return answers;
  }

  private static Optional<Result<Done>> answer(String answer) {
    if (answer.startsWith(BROKEN)) {
      log.error("a job's record is broken: cause={}", answer.substring(BROKEN.length()));
      return Optional.empty();
    }
    return Optional.of(answer.isEmpty() ? new Result.Applied<>(Done.DONE) : refused(answer));
  }

  private static Result<Done> refused(String answer) {
    int space = answer.indexOf(' ');
    return new Result.Refused<>(
        Refusal.valueOf(answer.substring(0, space)), answer.substring(space + 1));
  }

  static Arguments arguments(SessionRef session, ManagerId manager) {
    return new Arguments()
        .with("id", session.build())
        .with("attempt", session.attempt().number())
        .with("session", session.session())
        .with("nonce", session.nonce())
        .with("manager", manager);
  }
}
