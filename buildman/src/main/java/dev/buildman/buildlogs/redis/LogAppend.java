package dev.buildman.buildlogs.redis;

import dev.buildman.model.BuildId;
import dev.buildman.model.SessionRef;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import dev.buildman.redis.ScriptRunner;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Writes a build's log: one script for each batch, on the log's own keys. The log fences for
 * itself, as it may lie on another Redis than the jobs.
 */
public final class LogAppend {
  private static final Script RAISE = Script.load(LogAppend.class, "log-raise.lua");
  private static final Script APPEND = Script.load(LogAppend.class, "log-append.lua");
  private static final Script NOTE = Script.load(LogAppend.class, "log-note.lua");
  private static final Script FINISH = Script.load(LogAppend.class, "log-finish.lua");
  private static final Script CLOSE = Script.load(LogAppend.class, "log-close.lua");
  private static final Script DELETE = Script.load(LogAppend.class, "log-delete.lua");

  private final ScriptRunner runner;
  private final LogLimits limits;

  public LogAppend(ScriptRunner runner, LogLimits limits) {
    this.runner = runner;
    this.limits = limits;
  }

  /**
   * Lets a session write and no earlier one any more. To be called before a registration is
   * answered. Repeating it changes nothing.
   *
   * @return false when a later session has been raised already
   */
  public boolean raise(SessionRef session) {
    Arguments arguments =
        new Arguments().add(Integer.toString(session.session())).add(session.nonce().toString());
    return runner.run(RAISE, LogKeys.of(session.build()), arguments).status().equals("STORED");
  }

  /**
   * Appends lines; those at or below the stored sequence are skipped and acknowledged.
   *
   * @param last sequence number of the last line; the lines before it have the numbers before it
   * @param entries for each line what stands in the log: Quay's JSON, once or several times
   */
  public CompletionStage<Appended> append(SessionRef session, long last, List<String> entries) {
    Arguments arguments =
        new Arguments()
            .add(Integer.toString(session.session()))
            .add(session.nonce().toString())
            .add(Long.toString(last))
            .add(Integer.toString(limits.maxLines()))
            .add(Long.toString(limits.maxBytes()));
    entries.forEach(arguments::add);
    return runner
        .runAsync(APPEND, LogKeys.of(session.build()), arguments)
        .thenApply(LogAppend::appended);
  }

  /**
   * Appends lines of the manager's own, which have no session or sequence; dropped when the log is
   * closed.
   */
  public CompletionStage<Appended> note(BuildId build, List<String> entries) {
    Arguments arguments =
        new Arguments()
            .add(Integer.toString(limits.maxLines()))
            .add(Long.toString(limits.maxBytes()));
    entries.forEach(arguments::add);
    return runner.runAsync(NOTE, LogKeys.of(build), arguments).thenApply(LogAppend::appended);
  }

  /** Notes that the session has sent all of its lines. Repeating it changes nothing. */
  public CompletionStage<Appended> finish(SessionRef session) {
    Arguments arguments =
        new Arguments().add(Integer.toString(session.session())).add(session.nonce().toString());
    return runner
        .runAsync(FINISH, LogKeys.of(session.build()), arguments)
        .thenApply(LogAppend::appended);
  }

  /** Takes no more lines from now on. Repeating it changes nothing. */
  public void close(BuildId build) {
    runner.run(CLOSE, LogKeys.of(build), new Arguments());
  }

  /** Forgets the log. Repeating it changes nothing. */
  public void delete(BuildId build) {
    runner.run(DELETE, LogKeys.of(build), new Arguments());
  }

  private static Appended appended(Reply reply) {
    return switch (reply.status()) {
      case "STORED" -> new Appended.Stored(reply.number("sequence"), reply.number("length"));
      case "FENCED" -> new Appended.Fenced();
      case "CLOSED" -> new Appended.Closed();
      default -> throw new IllegalStateException("the log answered '" + reply.status() + "'");
    };
  }
}
