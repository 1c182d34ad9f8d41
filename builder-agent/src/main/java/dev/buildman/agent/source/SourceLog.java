package dev.buildman.agent.source;

/** Hears what a person may follow while a source is fetched. Safe for use by many threads. */
@FunctionalInterface
public interface SourceLog {
  /** Hears nothing. */
  SourceLog NONE = line -> {};

  /** One line without its end and without secrets. */
  void line(String line);
}
