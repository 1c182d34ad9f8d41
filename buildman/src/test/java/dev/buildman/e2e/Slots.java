package dev.buildman.e2e;

import dev.buildman.model.ExecutorName;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the slots in Redis and at the agents' processes, again and again until it is closed, and
 * keeps the most that it saw.
 */
final class Slots implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;
  private static final int LOOKS_AT_PROCESSES = 25;

  private final TestRedis redis;
  private final Site site;
  private final Map<String, AtomicInteger> most = new TreeMap<>();
  private final AtomicInteger looks = new AtomicInteger();
  private final Thread thread;
  private volatile boolean closed;

  private Slots(TestRedis redis, Site site, List<String> executors) {
    this.redis = redis;
    this.site = site;
    executors.forEach(executor -> most.put(executor, new AtomicInteger()));
    most.put(ALL, new AtomicInteger());
    most.put(AGENTS, new AtomicInteger());
    this.thread = Thread.ofPlatform().name("slots").start(this::run);
  }

  /** Slots of all executors together. */
  static final String ALL = "all";

  /** Agents that live, of all executors. */
  static final String AGENTS = "agents";

  static Slots watch(TestRedis redis, Site site, String... executors) {
    return new Slots(redis, site, List.of(executors));
  }

  /** The most at one time. */
  int most(String what) {
    return most.get(what).get();
  }

  /** How often it looked. */
  int looks() {
    return looks.get();
  }

  private void run() {
    while (!closed) {
      most.forEach(this::look);
      looks.incrementAndGet();
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  private void look(String what, AtomicInteger highest) {
    switch (what) {
      case ALL -> highest.accumulateAndGet(size(redis.keys().slots()), Math::max);
      case AGENTS -> {
        if (looks.get() % LOOKS_AT_PROCESSES == 0) {
          highest.accumulateAndGet(agents(), Math::max);
        }
      }
      default ->
          highest.accumulateAndGet(size(redis.keys().live(new ExecutorName(what))), Math::max);
    }
  }

  private int size(String key) {
    return Math.toIntExact(redis.raw().zcard(key));
  }

  private int agents() {
    try {
      return WorkerProcesses.of(site).agents().size();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
