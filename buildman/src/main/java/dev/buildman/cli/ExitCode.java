package dev.buildman.cli;

/** What a command's exit status means. Scripts rely on these; they never change. */
public final class ExitCode {

  /** Done; of a followed build: it is complete. */
  public static final int OK = 0;

  /** The followed build failed. */
  public static final int BUILD_FAILED = 1;

  /** The command or the request is wrong. */
  public static final int USAGE = 2;

  /** The followed build was cancelled. */
  public static final int CANCELLED = 3;

  /** No manager could be reached. */
  public static final int UNREACHABLE = 4;

  /** The manager refused: no such build, queue full, already ended, wrong token. */
  public static final int REFUSED = 5;

  /** A fault of this program or of the manager. */
  public static final int SOFTWARE = 70;

  private ExitCode() {}
}
