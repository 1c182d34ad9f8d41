package dev.buildman.bench;

import dev.buildman.proto.v1.Status;
import dev.buildman.runtime.Threads;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/** Builds from CreateBuild until their workers were confirmed gone. */
final class WholeWay {
  private static final int CLIENTS = 16;
  private static final int BUILDS_AT_ONCE = 200;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final BenchManager manager;
  private final Launches launches;
  private final Semaphore room = new Semaphore(BUILDS_AT_ONCE);
  private final AtomicReference<Throwable> broken = new AtomicReference<>();
  private volatile CountDownLatch running = new CountDownLatch(0);

  WholeWay(BenchManager manager, Launches launches) {
    this.manager = manager;
    this.launches = launches;
    launches.playedBy(this::play);
  }

  /** Returns when so many builds are complete, and no slot is held and no duty left. */
  void run(int count) throws InterruptedException {
    running = new CountDownLatch(count);
    AtomicInteger begun = new AtomicInteger();
    for (int i = 0; i < CLIENTS; i++) {
      Threads.start("bench-client-" + i, () -> create(begun, count));
    }
    if (!running.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(running.getCount() + " builds did not end", broken.get());
    }
    Awaitility.await("no worker is left").atMost(LIMIT).pollInterval(LOOK).until(this::isQuiet);
    if (broken.get() != null) {
      throw new IllegalStateException("a build failed", broken.get());
    }
  }

  private void create(AtomicInteger begun, int count) {
    while (begun.getAndIncrement() < count) {
      room.acquireUninterruptibly();
      manager.create();
    }
  }

  private boolean isQuiet() {
    Status status = manager.client().getStatus();
    return status.getSlotsHeld() == 0 && status.getDutiesCount() == 0;
  }

  /** Each agent has a connection of its own, as in a worker of its own. */
  private void play(Launches.Launched worker) {
    ManagedChannel channel = manager.channel();
    NoopAgent.Outcome outcome =
        new NoopAgent.Outcome() {
          @Override
          public void completed() {
            leave(worker, channel);
          }

          @Override
          public void failed(Throwable why) {
            broken.compareAndSet(null, why);
            leave(worker, channel);
          }
        };
    new NoopAgent(channel, outcome).start(worker.token());
  }

  private void leave(Launches.Launched worker, ManagedChannel channel) {
    channel.shutdown();
    launches.gone(worker.name());
    room.release();
    running.countDown();
  }
}
