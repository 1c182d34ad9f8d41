package dev.buildman.agent.process;

/**
 * Takes a program's output while it runs. Each channel has a thread of its own, so both may be
 * handed on at the same moment; while a call blocks, the program blocks once its pipe is full.
 */
@FunctionalInterface
public interface OutputSink {
  /** Drops everything. */
  OutputSink NONE = (channel, text) -> {};

  /**
   * Any piece of text in the order of its channel, decoded as UTF-8; no character is cut in two.
   */
  void accept(Channel channel, String text);

  /** The channel ended. Called once for each, before the run returns. */
  default void end(Channel channel) {}
}
