package dev.buildman.buildlogs.redis;

import dev.buildman.buildlogs.BuildLogs;
import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogJson;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.buildlogs.LogWriter;
import dev.buildman.model.BuildId;
import dev.buildman.model.SessionRef;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** The live logs in Redis: the orchestrator's, or one of their own. */
public final class RedisBuildLogs implements BuildLogs, LogWriter {
  private final LogAppend append;
  private final LogRead read;

  public RedisBuildLogs(LogAppend append, LogRead read) {
    this.append = append;
    this.read = read;
  }

  @Override
  public LogPage read(BuildId build, long from, int max) {
    LogRead.LogPage page = read.read(build, from, max);
    return new LogPage(
        page.first(),
        page.entries().stream().map(LogJson::read).toList(),
        page.length(),
        page.cut(),
        page.closed() ? LogPage.State.CLOSED : state(page.finished()));
  }

  private static LogPage.State state(boolean finished) {
    return finished ? LogPage.State.FINISHED : LogPage.State.OPEN;
  }

  @Override
  public boolean raise(SessionRef session) {
    return append.raise(session);
  }

  @Override
  public CompletionStage<LogWriter.Appended> append(
      SessionRef session, long last, List<String> entries) {
    return append.append(session, last, entries).thenApply(RedisBuildLogs::appended);
  }

  @Override
  public CompletionStage<LogWriter.Appended> note(BuildId build, LogEntry entry) {
    return append.note(build, List.of(LogJson.write(entry))).thenApply(RedisBuildLogs::appended);
  }

  @Override
  public CompletionStage<LogWriter.Appended> finish(SessionRef session) {
    return append.finish(session).thenApply(RedisBuildLogs::appended);
  }

  /** What the script answered in the port's words; the adapter's own type has the same name. */
  private static LogWriter.Appended appended(dev.buildman.buildlogs.redis.Appended answer) {
    return switch (answer) {
      case dev.buildman.buildlogs.redis.Appended.Stored stored ->
          new LogWriter.Appended.Stored(stored.sequence());
      case dev.buildman.buildlogs.redis.Appended.Fenced _ -> new LogWriter.Appended.Fenced();
      case dev.buildman.buildlogs.redis.Appended.Closed _ -> new LogWriter.Appended.Closed();
    };
  }
}
