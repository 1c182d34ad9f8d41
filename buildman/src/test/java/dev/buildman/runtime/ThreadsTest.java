package dev.buildman.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;

final class ThreadsTest {

  private static String name() {
    return Thread.currentThread().getName();
  }

  @Test
  void threadsAreVirtualAndNamed() throws Exception {
    CompletableFuture<String> name = new CompletableFuture<>();
    Thread thread = Threads.start("duty-worker", () -> name.complete(name()));

    assertThat(name.get()).isEqualTo("duty-worker");
    assertThat(thread.isVirtual()).isTrue();
  }

  @Test
  void anExecutorNumbersItsThreadsAndWaitsForThemWhenClosed() throws Exception {
    CompletableFuture<String> first = new CompletableFuture<>();
    CompletableFuture<String> second = new CompletableFuture<>();
    try (ExecutorService executor = Threads.perTask("launch")) {
      executor.execute(() -> first.complete(name()));
      executor.execute(() -> second.complete(name()));
    }

    assertThat(first).isCompletedWithValue("launch-0");
    assertThat(second).isCompletedWithValue("launch-1");
  }
}
