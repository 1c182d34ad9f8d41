package dev.buildman.reconcile;

/** What reconciling makes possible for others. Called from any thread; must not block. */
public interface Hooks {

  /** A build may have become runnable. */
  void runnable();

  /** Capacity came free. */
  void room();
}
