package dev.buildman.agent.process;

/** Where a program's output came from. */
public enum Channel {
  STDOUT,
  STDERR
}
