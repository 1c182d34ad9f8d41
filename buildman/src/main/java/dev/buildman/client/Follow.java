package dev.buildman.client;

import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.TailLogsRequest;
import dev.buildman.proto.v1.TailLogsResponse;
import dev.buildman.proto.v1.WatchBuildRequest;
import dev.buildman.proto.v1.WatchBuildResponse;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Follows one build to its end: phases, history and log in one stream, over restarts of the
 * manager.
 *
 * <p>Two connections bring the news and one thread, the caller's, hands it on. Nothing is told
 * twice: the history goes on after the last cursor, the log at the next index.
 */
public final class Follow {

  /** How long a manager may be away before the follower gives up; a restart takes seconds. */
  public static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final BuildsClient client;
  private final String id;
  private final Follower follower;
  private final Sleeper sleeper;
  private final Ticker ticker;
  private final BlockingQueue<Runnable> news = new LinkedBlockingQueue<>(1000);

  private @Nullable Build last;
  private String cursor = "";
  private boolean watchEnded;
  private boolean logEnded;
  private @Nullable CallFailed failure;
  private boolean away;

  /** Follows the build {@code id}. */
  public Follow(BuildsClient client, String id, Follower follower) {
    this(client, id, follower, Sleeper.system(), Ticker.system());
  }

  Follow(BuildsClient client, String id, Follower follower, Sleeper sleeper, Ticker ticker) {
    this.client = client;
    this.id = id;
    this.follower = follower;
    this.sleeper = sleeper;
    this.ticker = ticker;
  }

  /**
   * Hands everything on until the build has ended and its log is closed.
   *
   * @param from first log entry wanted, from 0
   * @return the build in its terminal phase
   * @throws CallFailed when the manager refuses, or is away for longer than {@link #PATIENCE}
   */
  public Build run(long from) throws InterruptedException {
    Thread watch =
        Threads.start("follow-watch", () -> stream(this::watch, () -> watchEnded = true));
    long[] next = {from};
    Thread tail =
        Threads.start("follow-tail", () -> stream(() -> tail(next), () -> logEnded = true));
    try {
      while (failure == null && !(watchEnded && logEnded)) {
        news.take().run();
      }
    } finally {
      watch.interrupt();
      tail.interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    if (last == null) {
      throw new IllegalStateException("the manager told nothing about the build");
    }
    return last;
  }

  /** One attempt at a stream to its end. */
  private interface Streaming {
    void run() throws InterruptedException;
  }

  private void stream(Streaming attempt, Runnable ended) {
    long awaySince = 0;
    boolean broken = false;
    try {
      while (true) {
        long began = ticker.nanos();
        try {
          attempt.run();
          news.put(ended);
          return;
        } catch (StatusRuntimeException e) {
          // A stream that lived for a while had a manager: the patience begins anew.
          if (!broken || ticker.since(began).compareTo(PAUSE.multipliedBy(5)) > 0) {
            awaySince = ticker.nanos();
          }
          broken = true;
          if (!isAway(e) || ticker.since(awaySince).compareTo(PATIENCE) > 0) {
            CallFailed failed = client.failed(e);
            news.put(() -> failure = failed);
            return;
          }
          news.put(() -> goneAway(client.failed(e)));
          sleeper.sleep(PAUSE);
        }
      }
    } catch (InterruptedException e) {
      // The caller has seen enough.
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isAway(StatusRuntimeException e) {
    Status.Code code = e.getStatus().getCode();
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  private void watch() throws InterruptedException {
    WatchBuildRequest request =
        WatchBuildRequest.newBuilder().setBuildId(id).setCursor(cursor).build();
    var responses = client.watch(request);
    while (responses.hasNext()) {
      WatchBuildResponse response = responses.next();
      cursor = response.getCursor();
      news.put(() -> changed(response));
    }
  }

  private void tail(long[] next) throws InterruptedException {
    TailLogsRequest request =
        TailLogsRequest.newBuilder().setBuildId(id).setFrom(next[0]).setFollow(true).build();
    var responses = client.tail(request);
    while (responses.hasNext()) {
      TailLogsResponse response = responses.next();
      next[0] = response.getIndex() + response.getEntriesCount();
      news.put(() -> logged(response));
    }
  }

  private void changed(WatchBuildResponse response) {
    isBack();
    if (response.hasBuild()) {
      last = response.getBuild();
      follower.onBuild(response.getBuild());
    }
    if (response.getEventsCount() > 0) {
      follower.onEvents(response.getEventsList());
    }
  }

  private void logged(TailLogsResponse response) {
    isBack();
    if (response.getEntriesCount() > 0) {
      follower.onLog(response.getIndex(), response.getEntriesList());
    }
  }

  private void goneAway(CallFailed failed) {
    away = true;
    follower.onAway(String.valueOf(failed.getMessage()));
  }

  private void isBack() {
    if (away) {
      away = false;
      follower.onBack();
    }
  }
}
