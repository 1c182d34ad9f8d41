package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Tells of ended workers. The end of a child of this process wakes it at once; the workers of an
 * earlier manager are no children of ours, so their leaders are looked at four times a second.
 */
final class PopenWatch implements Watch {
  private static final Duration PERIOD = Duration.ofMillis(250);
  private static final Backoff ON_FAILURE =
      new Backoff(PERIOD, Duration.ofSeconds(5), 0.2, new Random());

  private final Workers workers;
  private final WorkerListener listener;
  private final Set<ExecutionName> told = new HashSet<>();
  private final Loop loop;

  private PopenWatch(Workers workers, WorkerListener listener) {
    this.workers = workers;
    this.listener = listener;
    this.loop = Loop.start("popen-watch-" + workers.executor(), PERIOD, ON_FAILURE, this::runOnce);
  }

  static PopenWatch start(Workers workers, WorkerListener listener) {
    return new PopenWatch(workers, listener);
  }

  /** A worker of ours ended just now. */
  void wake() {
    loop.wake();
  }

  // Only the loop's thread comes here. A listener that throws is told again with the next pass.
  private void runOnce() throws IOException {
    List<WorkerFolder> folders = workers.folders();
    told.retainAll(folders.stream().map(WorkerFolder::name).toList());
    for (WorkerFolder folder : folders) {
      if (!told.contains(folder.name()) && workers.ended(folder)) {
        workers
            .seen(folder)
            .ifPresent(worker -> listener.on(new WorkerEvent.Exited(worker, folder.traces())));
        told.add(folder.name());
      }
    }
  }

  @Override
  public void close() {
    loop.close();
  }
}
