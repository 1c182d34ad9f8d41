package dev.buildman.executor;

/** The settings of one executor, of whatever kind. */
public interface ExecutorConfig {

  /** What executors of every kind have. */
  ExecutorSettings common();
}
