package dev.buildman.orchestrator.events;

import dev.buildman.model.BuildId;

/**
 * Hears what may have happened, on the connection's event loop: must not block. What it throws is
 * logged and changes nothing.
 */
public interface EventListener {
  /** A script told of a change. */
  void hint(Hint hint);

  /** A job's deadline passed. */
  void expired(BuildId build);

  /** Listening began, or began again after a loss: anything may have been missed, sweep now. */
  void resync();
}
