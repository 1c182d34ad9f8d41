package dev.buildman.executor.ec2;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.TerminateInstancesRequest;

/**
 * Ends instances. All that are asked for while a call is under way go with the next one: when many
 * builds end at once, the account's calls must not be what the rest waits for (E3). Safe for use by
 * several threads.
 */
final class Terminations {
  private static final int MOST_AT_ONCE = 100;

  private final Account account;
  private final ReentrantLock calling = new ReentrantLock();
  private final Map<String, CompletableFuture<Void>> asked = new LinkedHashMap<>();

  Terminations(Account account) {
    this.account = account;
  }

  /**
   * Returns when the provider took it; also for one that it does not know (any more, or yet).
   *
   * @throws SdkException when it did not
   */
  void end(String instance) {
    CompletableFuture<Void> done;
    synchronized (asked) {
      done = asked.computeIfAbsent(instance, _ -> new CompletableFuture<>());
    }
    calling.lock();
    try {
      // Whoever had the lock before may have taken this one along.
      while (!done.isDone()) {
        call(next());
      }
    } finally {
      calling.unlock();
    }
    try {
      done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof SdkException refused ? refused : e;
    }
  }

  private Map<String, CompletableFuture<Void>> next() {
    synchronized (asked) {
      Map<String, CompletableFuture<Void>> batch = new LinkedHashMap<>();
      for (String instance : asked.keySet()) {
        if (batch.size() < MOST_AT_ONCE) {
          batch.put(instance, asked.get(instance));
        }
      }
      asked.keySet().removeAll(batch.keySet());
      return batch;
    }
  }

  private void call(Map<String, CompletableFuture<Void>> batch) {
    List<String> ids = new ArrayList<>(batch.keySet());
    try {
      terminate(ids);
      batch.values().forEach(one -> one.complete(null));
    } catch (RuntimeException e) {
      if (ids.size() == 1) {
        batch.values().forEach(one -> settle(one, e));
      } else {
        // One wrong id, or one without a right, and none of them was ended.
        batch.forEach(this::alone);
      }
    }
  }

  private void alone(String instance, CompletableFuture<Void> done) {
    try {
      terminate(List.of(instance));
      done.complete(null);
    } catch (RuntimeException e) {
      settle(done, e);
    }
  }

  private static void settle(CompletableFuture<Void> done, RuntimeException e) {
    if (Ec2Answer.kind(e) == Ec2Answer.Kind.NOT_FOUND) {
      done.complete(null);
    } else {
      done.completeExceptionally(e);
    }
  }

  private void terminate(List<String> ids) {
    account
        .looks()
        .terminateInstances(TerminateInstancesRequest.builder().instanceIds(ids).build());
  }
}
