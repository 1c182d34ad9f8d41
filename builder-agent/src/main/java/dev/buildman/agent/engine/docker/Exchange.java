package dev.buildman.agent.engine.docker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One call of a daemon on a virtual thread of its own: only there an interrupt closes the socket
 * that a read or write waits for.
 */
final class Exchange<T> {
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final DaemonAddress address;
  private final FutureTask<T> task;

  Exchange(DaemonAddress address, Callable<T> call) {
    this.address = address;
    this.task = new FutureTask<>(call);
  }

  /**
   * The call's answer.
   *
   * @param limit after it the call is given up
   * @throws DaemonException what the daemon refused, or that it is not there
   */
  T run(Duration limit) throws DaemonException, InterruptedException {
    // The transport may hold its thread in a read for a whole build: a virtual one's carrier would
    // be
    // missing for heartbeats, all of it on one processor.
    Thread thread = Thread.ofPlatform().daemon().name("docker-call").start(task);
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw DaemonException.lost(
          "the daemon at " + address + " gave no answer in " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      thread.interrupt();
      thread.join(FAREWELL);
      throw e;
    }
  }

  private DaemonException failure(Throwable cause) {
    return switch (cause) {
      case DaemonException known -> known;
      case IOException broken ->
          DaemonException.lost(
              "the daemon at " + address + " is not there or broke off: " + words(broken), broken);
      case RuntimeException wrapped when wrapped.getCause() instanceof IOException broken ->
          DaemonException.lost(
              "the daemon at " + address + " is not there or broke off: " + words(broken), broken);
      case RuntimeException bug -> throw bug;
      case Error error -> throw error;
      default -> DaemonException.lost(cause.toString(), cause);
    };
  }

  private static String words(Throwable fault) {
    String message = fault.getMessage();
    return message == null || message.isBlank() ? fault.getClass().getSimpleName() : message;
  }
}
