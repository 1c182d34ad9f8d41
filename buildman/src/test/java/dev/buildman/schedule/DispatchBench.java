package dev.buildman.schedule;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.popen.PopenExecutor;
import dev.buildman.executor.popen.PopenSettings;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.runtime.Sleeper;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long a build waits from its enqueue to the process of its worker, over real Redis, on popen
 * with an agent that does nothing. Prints figures and asserts none, as a busy machine is no fault.
 * Named so that no build runs it: {@code mvn -pl buildman -am verify -Dquick -DskipUnit
 * -Dit.test=DispatchBench}.
 */
@RedisTest
class DispatchBench {
  private static final int WARM_UP = 100;
  private static final int ONE_BY_ONE = 300;
  private static final int AT_ONCE = 500;

  @TempDir private Path folder;
  private final Map<BuildId, Long> launched = new ConcurrentHashMap<>();

  @Test
  void print(TestRedis redis) throws IOException {
    Limits limits = Limits.defaults().with(new Limits.Capacity(10_000, 0, 0, 10_000));
    OrchestratorScripts scripts = redis.scripts(() -> limits, RedisTime.SERVER);
    try (Executor popen = new Timed(popen());
        TestManager manager = new TestManager(scripts, "m", TestManager.place(popen));
        EventFeed feed = feed(redis, manager)) {
      feed.runOnce();
      manager.dispatcher.start();
      Enqueue enqueue = new Enqueue(scripts);
      for (int n = 0; n < WARM_UP; n++) {
        one(enqueue);
      }
      long[] nanos = new long[ONE_BY_ONE];
      for (int n = 0; n < ONE_BY_ONE; n++) {
        nanos[n] = one(enqueue);
      }
      Arrays.sort(nanos);
      System.out.printf(
          Locale.ROOT,
          "enqueue to process, one by one: median %.1f ms, 99 %% %.1f ms%n",
          nanos[ONE_BY_ONE / 2] / 1e6,
          nanos[ONE_BY_ONE * 99 / 100] / 1e6);
      burst(enqueue);
    }
  }

  private long one(Enqueue enqueue) {
    long begun = System.nanoTime();
    BuildId build = sure(enqueue.run(TestOrchestrator.build("ns/repo")));
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> launched.containsKey(build));
    return launched.get(build) - begun;
  }

  private void burst(Enqueue enqueue) {
    int before = launched.size();
    long begun = System.nanoTime();
    for (int n = 0; n < AT_ONCE; n++) {
      sure(enqueue.run(TestOrchestrator.build("ns" + n % 10 + "/repo" + n)));
    }
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> launched.size() == before + AT_ONCE);
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        Locale.ROOT, "%d at once: %.0f processes started per second%n", AT_ONCE, AT_ONCE / seconds);
  }

  private PopenExecutor popen() throws IOException {
    Path agent = folder.resolve("agent");
    Files.writeString(agent, "#!/bin/sh\nexit 0\n");
    Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwx------"));
    ExecutorSettings settings = ExecutorSettings.defaults(new ExecutorName("popen"));
    return new PopenExecutor(
        new PopenSettings(settings, agent, folder.resolve("workers"), Duration.ofSeconds(1)),
        TestManager.INSTALLATION,
        new HostId("here"),
        Sleeper.system(),
        InstantSource.system());
  }

  private static EventFeed feed(TestRedis redis, TestManager manager) {
    EventListener listener =
        new EventListener() {
          @Override
          public void hint(Hint hint) {
            if (hint.kind() == Hint.Kind.RUNNABLE) {
              manager.dispatcher.wake();
            }
          }

          @Override
          public void expired(BuildId build) {}

          @Override
          public void resync() {
            manager.dispatcher.wake();
          }
        };
    return new EventFeed(
        redis.connections(), redis.keys(), new ManagerId("m"), listener, System::nanoTime);
  }

  /** Notes when each launch call came back. */
  private final class Timed implements Executor {
    private final Executor executor;

    Timed(Executor executor) {
      this.executor = executor;
    }

    @Override
    public ExecutorName name() {
      return executor.name();
    }

    @Override
    public Optional<HostId> host() {
      return executor.host();
    }

    @Override
    public LaunchResult start(WorkerRequest request) {
      LaunchResult result = executor.start(request);
      launched.put(request.attempt().build(), System.nanoTime());
      return result;
    }

    @Override
    public StopResult stop(WorkerRef worker) {
      return executor.stop(worker);
    }

    @Override
    public Presence confirmGone(WorkerRef worker) {
      return executor.confirmGone(worker);
    }

    @Override
    public Inventory list() {
      return executor.list();
    }

    @Override
    public Watch watch(WorkerListener listener) {
      return executor.watch(listener);
    }

    @Override
    public void close() {
      executor.close();
    }
  }
}
