package dev.buildman.buildlogs.redis;

import dev.buildman.model.BuildId;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import dev.buildman.redis.ScriptRunner;
import java.util.List;

/** Reads a build's log by index, also where its middle was cut out. */
public final class LogRead {
  private static final Script READ = Script.load(LogRead.class, "log-read.lua");

  private final ScriptRunner runner;

  public LogRead(ScriptRunner runner) {
    this.runner = runner;
  }

  /**
   * Reads entries from an index on; the first line of a log has index 0.
   *
   * @param most entries to read, from 1
   */
  public LogPage read(BuildId build, long from, int most) {
    Arguments arguments = new Arguments().add(Long.toString(from)).add(Integer.toString(most));
    Reply reply = runner.run(READ, LogKeys.of(build), arguments);
    return new LogPage(
        reply.number("first"),
        reply.list("entries"),
        reply.number("length"),
        reply.number("cut"),
        reply.flag("closed"),
        reply.flag("finished"));
  }

  /**
   * A part of a log.
   *
   * @param first index of the first entry; greater than asked for when lines before it were cut out
   * @param entries in order, without gaps; empty: nothing there yet
   * @param length of the log, those that were cut out counted
   * @param cut how many lines were cut out between the asked index and {@code first}
   * @param closed whether no more will come
   * @param finished whether the last session has sent all of its lines
   */
  public record LogPage(
      long first, List<String> entries, long length, long cut, boolean closed, boolean finished) {}
}
