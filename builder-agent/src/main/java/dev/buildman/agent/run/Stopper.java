package dev.buildman.agent.run;

import dev.buildman.agent.link.Lease;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Interrupts the build's thread when the session is over, and never after it was closed: closing
 * takes back an interrupt that came too late to be of use.
 */
final class Stopper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Stopper.class);

  private final Thread build;
  private final Thread watcher;
  private boolean closed;
  private boolean fired;

  private Stopper(Lease lease, Thread build) {
    this.build = build;
    this.watcher =
        Thread.ofVirtual()
            .name("session-end")
            .unstarted(
                () -> {
                  try {
                    lease.awaitEnd();
                    fire();
                  } catch (InterruptedException e) {
                    // Closed: nothing is left to stop.
                    return;
                  }
                });
  }

  static Stopper watch(Lease lease, Thread build) {
    Stopper stopper = new Stopper(lease, build);
    stopper.watcher.start();
    return stopper;
  }

  private synchronized void fire() {
    if (!closed) {
      fired = true;
      build.interrupt();
    }
  }

  /** Called by the build's own thread. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      watcher.interrupt();
      if (fired && Thread.interrupted()) {
        log.debug("interrupt came too late");
      }
    }
  }
}
