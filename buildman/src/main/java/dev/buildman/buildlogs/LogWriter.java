package dev.buildman.buildlogs;

import dev.buildman.model.BuildId;
import dev.buildman.model.SessionRef;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Adds to logs that still grow. Thread-safe; fails when the store does not answer. */
public interface LogWriter {

  /**
   * Makes sure that no earlier session adds anything from now on. Must have succeeded before a
   * session's agent gets its work. Blocks; may be repeated.
   *
   * @return false when a later session has the log already
   */
  boolean raise(SessionRef session);

  /**
   * Adds an agent's lines. Lines at or below the stored sequence are there already and are skipped,
   * so the same lines may be sent again.
   *
   * @param last number of the last entry; the others count down from it
   * @param entries one for each line, as {@link LogJson} writes them: an entry, or several joined
   */
  CompletionStage<Appended> append(SessionRef session, long last, List<String> entries);

  /** Adds an entry of the manager's own, beside the agent's numbers. A repeat adds it again. */
  CompletionStage<Appended> note(BuildId build, LogEntry entry);

  /** The session's agent has sent all of its lines. A repeat changes nothing. */
  CompletionStage<Appended> finish(SessionRef session);

  /** What adding came to. */
  sealed interface Appended {
    /**
     * All lines up to this number are stored.
     *
     * @param sequence the highest of the session
     */
    record Stored(long sequence) implements Appended {}

    /** A later session has the log. */
    record Fenced() implements Appended {}

    /** The build ended some time ago: its log takes nothing more. */
    record Closed() implements Appended {}
  }
}
