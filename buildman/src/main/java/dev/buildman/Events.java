package dev.buildman;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes what is heard from Redis on to all that listen, in the order in which they were added. */
final class Events implements EventListener {

  private final List<EventListener> listeners = new CopyOnWriteArrayList<>();

  void add(EventListener listener) {
    listeners.add(listener);
  }

  @Override
  public void hint(Hint hint) {
    listeners.forEach(listener -> listener.hint(hint));
  }

  @Override
  public void expired(BuildId build) {
    listeners.forEach(listener -> listener.expired(build));
  }

  @Override
  public void resync() {
    listeners.forEach(EventListener::resync);
  }
}
