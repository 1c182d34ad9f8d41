package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Takes an answer's body: into a sink, or into memory up to a limit. */
final class Receiver implements BodySubscriber<byte[]> {
  private final CompletableFuture<byte[]> done = new CompletableFuture<>();
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();
  private final Sink sink;
  private final Meter meter;
  private Flow.@Nullable Subscription subscription;

  private Receiver(@Nullable Sink sink, int limit, boolean strict, Meter meter) {
    this.sink = sink != null ? sink : bytes -> collect(bytes, limit, strict);
    this.meter = meter;
  }

  static Receiver into(Sink sink, ResponseInfo info, Meter meter) {
    Receiver receiver = new Receiver(sink, 0, false, meter);
    try {
      sink.begin(info.statusCode(), info.headers());
    } catch (IOException | RuntimeException e) {
      receiver.done.completeExceptionally(e);
    }
    return receiver;
  }

  /** Collects up to the limit; what is over is an error when strict, else left out. */
  static Receiver collecting(int limit, boolean strict, Meter meter) {
    return new Receiver(null, limit, strict, meter);
  }

  private void collect(ByteBuffer bytes, int limit, boolean strict) throws RegistryException {
    int take = Math.min(bytes.remaining(), limit - collected.size());
    if (take < bytes.remaining() && strict) {
      throw new RegistryException(
          Kind.TOO_LARGE, "the registry's answer is larger than " + limit + " bytes");
    }
    byte[] copy = new byte[take];
    bytes.get(copy);
    collected.writeBytes(copy);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    if (subscription != null) {
      given.cancel();
      return;
    }
    subscription = given;
    if (done.isDone()) {
      given.cancel();
      return;
    }
    // One piece at a time: a sink that blocks must hold the sender, not fill the memory.
    given.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (done.isDone()) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        int size = buffer.remaining();
        sink.accept(buffer);
        meter.add(size);
      }
      Flow.Subscription more = subscription;
      if (more != null) {
        more.request(1);
      }
    } catch (IOException | RuntimeException e) {
      if (subscription != null) {
        subscription.cancel();
      }
      done.completeExceptionally(e);
    }
  }

  @Override
  public void onError(Throwable fault) {
    done.completeExceptionally(fault);
  }

  @Override
  public void onComplete() {
    done.complete(collected.toByteArray());
  }
}
