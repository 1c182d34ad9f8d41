package dev.buildman.agent.engine;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** An engine's check on a thread of its own, while something else is done. */
final class EarlyCheck implements AutoCloseable {
  private final BuildEngine engine;
  private final FutureTask<EngineCheck> task;
  private final Thread thread;

  private EarlyCheck(BuildEngine engine) {
    this.engine = engine;
    this.task = new FutureTask<>(engine::check);
    // No virtual one: it waits for a program.
    this.thread = Thread.ofPlatform().daemon().name("engine-check").unstarted(task);
  }

  static EarlyCheck begin(BuildEngine engine) {
    EarlyCheck check = new EarlyCheck(engine);
    check.thread.start();
    return check;
  }

  boolean isOf(BuildEngine other) {
    return engine == other;
  }

  EngineCheck result() throws InterruptedException {
    try {
      return task.get();
    } catch (CancellationException e) {
      throw new IllegalStateException("the choice is closed", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException bug) {
        throw bug;
      }
      throw new IllegalStateException("an engine's check failed", e);
    }
  }

  /** Ends the check with what it started. */
  @Override
  public void close() {
    if (task.isDone()) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    task.cancel(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
