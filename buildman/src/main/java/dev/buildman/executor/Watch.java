package dev.buildman.executor;

/** A running watch of an executor's workers. */
@FunctionalInterface
public interface Watch extends AutoCloseable {

  /** Ends the watch; events that are under way may still arrive. */
  @Override
  void close();
}
