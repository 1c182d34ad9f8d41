package dev.buildman.agent.process;

/** Keeps the first part of what a program prints. Safe for both channels at once. */
public final class Capture implements OutputSink {
  private final StringBuilder out = new StringBuilder();
  private final StringBuilder err = new StringBuilder();
  private final int limit;

  /**
   * @param limit characters of each channel that are kept
   */
  public Capture(int limit) {
    this.limit = limit;
  }

  @Override
  public synchronized void accept(Channel channel, String text) {
    StringBuilder target = channel == Channel.STDOUT ? out : err;
    target.append(text, 0, Math.min(text.length(), limit - target.length()));
  }

  /** What was printed to standard output. */
  public synchronized String stdout() {
    return out.toString();
  }

  /** What was printed to standard error. */
  public synchronized String stderr() {
    return err.toString();
  }
}
