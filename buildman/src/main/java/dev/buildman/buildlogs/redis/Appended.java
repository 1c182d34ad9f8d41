package dev.buildman.buildlogs.redis;

/** What became of lines for a log. */
public sealed interface Appended {
  /**
   * They are there, now or since before.
   *
   * @param sequence highest that is stored of the session
   * @param length of the log in lines, those that were cut out counted
   */
  record Stored(long sequence, long length) implements Appended {}

  /** A later session writes this log. */
  record Fenced() implements Appended {}

  /** The build has ended. */
  record Closed() implements Appended {}
}
