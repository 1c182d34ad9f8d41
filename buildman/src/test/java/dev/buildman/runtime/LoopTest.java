package dev.buildman.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class LoopTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Backoff SHORT = backoff(Duration.ofMillis(1));

  private final AtomicInteger passes = new AtomicInteger();

  private static Backoff backoff(Duration first) {
    return new Backoff(first, first, 0, new Random(1));
  }

  private void awaitPasses(int count) {
    await().untilAsserted(() -> assertThat(passes).hasValue(count));
  }

  @Test
  void makesItsFirstPassAtOnceOnAThreadOfItsName() {
    AtomicReference<String> name = new AtomicReference<>();
    try (Loop loop = Loop.start("sweep", NEVER, SHORT, () -> name.set(threadName()))) {
      await().untilAsserted(() -> assertThat(name).hasValue("sweep virtual=true"));
      assertThat(loop).isNotNull();
    }
  }

  private static String threadName() {
    return Thread.currentThread().getName() + " virtual=" + Thread.currentThread().isVirtual();
  }

  @Test
  void goesOnAfterItsIntervalWithoutAnyWakeUp() {
    try (Loop loop = Loop.start("sweep", Duration.ofMillis(1), SHORT, passes::incrementAndGet)) {
      await().untilAsserted(() -> assertThat(passes).hasValueGreaterThan(3));
      assertThat(loop).isNotNull();
    }
  }

  @Test
  void wakesBeforeItsIntervalEnds() {
    try (Loop loop = Loop.start("sweep", NEVER, SHORT, passes::incrementAndGet)) {
      awaitPasses(1);
      loop.wake();
      awaitPasses(2);
    }
  }

  @Test
  void wakeUpsDuringAPassLeadToExactlyOneMore() throws Exception {
    Semaphore inPass = new Semaphore(0);
    Semaphore mayEnd = new Semaphore(0);
    try (Loop loop =
        Loop.start(
            "sweep",
            NEVER,
            SHORT,
            () -> {
              inPass.release();
              mayEnd.acquire();
              passes.incrementAndGet();
            })) {
      inPass.acquire();
      loop.wake();
      loop.wake();
      loop.wake();
      mayEnd.release(3);
      awaitPasses(2);
      assertThat(inPass.tryAcquire(2, 100, TimeUnit.MILLISECONDS)).isFalse();
      assertThat(passes).hasValue(2);
    }
  }

  @Test
  void survivesExceptionsAndErrors() {
    try (Loop loop =
        Loop.start(
            "sweep",
            NEVER,
            SHORT,
            () -> {
              switch (passes.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("planted");
                case 2 -> throw new AssertionError("planted");
                default -> {}
              }
            })) {
      awaitPasses(3);
      assertThat(loop).isNotNull();
    }
  }

  @Test
  void aWakeUpDoesNotShortenTheBackOff() {
    try (Loop loop =
        Loop.start(
            "sweep",
            Duration.ofMillis(1),
            backoff(NEVER),
            () -> {
              passes.incrementAndGet();
              throw new IllegalStateException("planted");
            })) {
      awaitPasses(1);
      loop.wake();
      await()
          .during(Duration.ofMillis(50))
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(passes).hasValue(1));
    }
  }

  @Test
  void closingLetsThePassEndAndBeginsNoOther() throws Exception {
    CountDownLatch inPass = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    Loop loop =
        Loop.start(
            "sweep",
            Duration.ofMillis(1),
            SHORT,
            () -> {
              inPass.countDown();
              mayEnd.await();
              passes.incrementAndGet();
            });
    inPass.await();
    Thread closer = Threads.start("closer", loop::close);
    await().until(() -> closer.getState() == Thread.State.TIMED_WAITING);
    mayEnd.countDown();

    assertThat(closer.join(Duration.ofSeconds(4))).isTrue();
    assertThat(passes).hasValue(1);
  }

  @Test
  void closingEndsALongWaitAtOnce() {
    Loop failing =
        Loop.start(
            "failing",
            NEVER,
            backoff(NEVER),
            () -> {
              passes.incrementAndGet();
              throw new IllegalStateException("planted");
            });
    Loop idle = Loop.start("idle", NEVER, SHORT, passes::incrementAndGet);
    awaitPasses(2);
    long start = System.nanoTime();

    failing.close();
    idle.close();
    idle.close();

    assertThat(Ticker.system().since(start)).isLessThan(Loop.CLOSE_PATIENCE);
  }
}
