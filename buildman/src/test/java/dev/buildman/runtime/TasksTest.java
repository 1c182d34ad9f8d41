package dev.buildman.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TasksTest {
  @Test
  void closingInterruptsWhatRunsAndWaitsForItsEnd() throws InterruptedException {
    Tasks tasks = new Tasks();
    CountDownLatch begun = new CountDownLatch(1);
    AtomicBoolean interrupted = new AtomicBoolean();
    AtomicBoolean ended = new AtomicBoolean();
    tasks.start(
        "waits",
        () -> {
          try {
            begun.countDown();
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.set(true);
          }
          ended.set(true);
        });
    begun.await();

    tasks.close();

    assertThat(interrupted).isTrue();
    assertThat(ended).isTrue();
  }

  @Test
  void nothingIsRunAfterwards() throws InterruptedException {
    Tasks tasks = new Tasks();
    tasks.close();
    AtomicBoolean ran = new AtomicBoolean();

    tasks.start("late", () -> ran.set(true));
    tasks.close();

    assertThat(ran).isFalse();
  }

  @Test
  void aTaskThatFailsHoldsUpNobody() throws InterruptedException {
    Tasks tasks = new Tasks();
    tasks.start(
        "fails",
        () -> {
          throw new IllegalStateException("as this test wants it");
        });
    CountDownLatch ran = new CountDownLatch(1);
    tasks.start("works", ran::countDown);
    ran.await();
    tasks.close();
  }
}
