package dev.buildman.executor.kubernetes;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes who waits for something to be seen of one worker. Safe for any thread. */
final class News {
  private final Map<String, Semaphore> subscribers = new ConcurrentHashMap<>();

  /** One who waits; what is seen from its making on is not missed. */
  final class Subscription implements AutoCloseable {
    private final String job;
    private final Semaphore seen = new Semaphore(0);

    private Subscription(String job) {
      this.job = job;
    }

    /**
     * Waits at most so long.
     *
     * @return whether something was seen since the last call
     */
    boolean await(Duration limit) throws InterruptedException {
      boolean any = seen.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS);
      seen.drainPermits();
      return any;
    }

    @Override
    public void close() {
      subscribers.remove(job, seen);
    }
  }

  /** Of a Job by its name. A later subscription to the same takes the place of this one. */
  Subscription of(String job) {
    Subscription subscription = new Subscription(job);
    subscribers.put(job, subscription.seen);
    return subscription;
  }

  /** Something was seen of a Job or its pods. */
  void seen(String job) {
    Semaphore subscriber = subscribers.get(job);
    if (subscriber != null) {
      subscriber.release();
    }
  }
}
