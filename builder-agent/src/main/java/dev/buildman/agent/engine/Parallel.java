package dev.buildman.agent.engine;

import dev.buildman.agent.registry.RegistryException;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Runs transfers a few at a time. */
final class Parallel {
  /** One transfer. */
  @FunctionalInterface
  interface Transfer {
    void run() throws EngineFailure, RegistryException, InterruptedException;
  }

  private Parallel() {}

  /**
   * Runs all; the first failure, or an interruption, ends those under way within a second.
   *
   * @param atOnce at least 1
   */
  static void run(int atOnce, String name, List<Transfer> transfers)
      throws EngineFailure, RegistryException, InterruptedException {
    ThreadFactory names = Thread.ofVirtual().name(name + "-", 0).factory();
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce, names)) {
      try {
        CompletionService<Transfer> done = new ExecutorCompletionService<>(threads);
        for (Transfer transfer : transfers) {
          done.submit(
              () -> {
                transfer.run();
                return transfer;
              });
        }
        for (int i = 0; i < transfers.size(); i++) {
          done.take().get();
        }
      } catch (ExecutionException e) {
        throw unwrapped(e);
      } finally {
        // After this the executor closes without waiting for what has not begun.
        threads.shutdownNow();
      }
    }
  }

  private static RuntimeException unwrapped(ExecutionException e)
      throws EngineFailure, RegistryException, InterruptedException {
    switch (e.getCause()) {
      case EngineFailure failure -> throw failure;
      case RegistryException refused -> throw refused;
      case InterruptedException stopped -> throw stopped;
      case null, default -> throw new IllegalStateException("a transfer failed", e);
    }
  }
}
