package dev.buildman.redis;

import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.util.concurrent.CompletionException;

/** Asks for channels and patterns, and waits until both hold. */
final class SubscribeCalls {
  private SubscribeCalls() {}

  static void issue(
      RedisPubSubAsyncCommands<String, String> commands, Subscription.Request request) {
    try {
      // Patterns first: the channels' answer means that all of it holds.
      if (!request.patterns().isEmpty()) {
        commands.psubscribe(request.patterns().toArray(String[]::new)).toCompletableFuture().join();
      }
      commands.subscribe(request.channels().toArray(String[]::new)).toCompletableFuture().join();
    } catch (CompletionException e) {
      commands.getStatefulConnection().closeAsync().exceptionally(_ -> null);
      throw Failures.translated("subscribe", e);
    }
  }
}
