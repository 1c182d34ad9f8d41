package dev.buildman.e2e;

import java.util.List;

/**
 * Health checks of a load balancer: new connections go in turn to the managers that say that they
 * are ready. Connections that are open stay where they are.
 */
final class Balance implements AutoCloseable {
  private static final long PAUSE_MILLIS = 250;

  private final Gate balancer;
  private final List<ManagerProcess> managers;
  private final Thread thread;

  private Balance(Gate balancer, List<ManagerProcess> managers) {
    this.balancer = balancer;
    this.managers = managers;
    this.thread = Thread.ofVirtual().name("health-checks").start(this::run);
  }

  static Balance over(Site site, ManagerProcess... managers) {
    site.balancer().rotate();
    return new Balance(site.balancer(), List.of(managers));
  }

  private void run() {
    try {
      while (!Thread.interrupted()) {
        for (ManagerProcess manager : managers) {
          balancer.setTarget(manager.ports().agents(), manager.isReady());
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
