package dev.buildman.reconcile;

import dev.buildman.orchestrator.events.ExecutorCondition;
import java.util.List;

/** What reconciling makes possible for others. Called from any thread; must not block. */
public interface Hooks {

  /** A build may have become runnable. */
  void runnable();

  /** Capacity came free. */
  void room();

  /** How the executors look to whoever launches on them. */
  List<ExecutorCondition> conditions();
}
