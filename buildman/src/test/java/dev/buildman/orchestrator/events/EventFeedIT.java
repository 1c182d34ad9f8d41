package dev.buildman.orchestrator.events;

import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.ParkKind;
import dev.buildman.redis.KeyspaceEvents;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Real time: keys with a time to live do not move with the clock's argument. */
@RedisTest
class EventFeedIT {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final class Heard implements EventListener {
    final List<Hint> hints = new CopyOnWriteArrayList<>();
    final List<BuildId> expired = new CopyOnWriteArrayList<>();
    final AtomicInteger resyncs = new AtomicInteger();
    volatile boolean broken;

    @Override
    public void hint(Hint hint) {
      if (broken) {
        throw new IllegalStateException("on purpose");
      }
      hints.add(hint);
    }

    @Override
    public void expired(BuildId build) {
      expired.add(build);
    }

    @Override
    public void resync() {
      resyncs.incrementAndGet();
    }

    List<Hint.Kind> kinds() {
      return hints.stream().map(Hint::kind).toList();
    }
  }

  private final Heard heard = new Heard();

  private EventFeed feed(TestRedis redis) {
    return new EventFeed(redis.connections(), redis.keys(), MANAGER, heard, System::nanoTime);
  }

  @Test
  void scriptsTellOfWhatTheyChangeWithinASecond(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    try (EventFeed feed = feed(redis)) {
      feed.runOnce();
      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(heard.resyncs).hasPositiveValue());
      BuildId id = all.enqueued("alice/app");
      JobRef job = all.launched();
      sure(all.cancel.run(id, "", ""));
      sure(all.dutyConfirmed.run(job));
      Awaitility.await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(heard.kinds())
                      .contains(
                          Hint.Kind.RUNNABLE,
                          Hint.Kind.CANCELLED,
                          Hint.Kind.DUTY,
                          Hint.Kind.SLOT_FREED,
                          Hint.Kind.HISTORY));
      assertThat(heard.hints)
          .contains(
              new Hint(Hint.Kind.PHASE, id.value(), Phase.BUILD_SCHEDULED.word()),
              new Hint(Hint.Kind.PHASE, id.value(), Phase.CANCELLED.word()));
    }
  }

  /** Or it would wake itself, be claimed, and be parked again, without a pause. */
  @Test
  void aBuildThatIsParkedDoesNotTellOfRoom(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    try (EventFeed feed = feed(redis)) {
      feed.runOnce();
      all.enqueued("alice/app");
      sure(all.park.run(all.claimed().job(), ParkKind.CAPACITY, Reason.EXECUTOR_FULL, ""));
      assertThat(all.wakeParked.byEvent(1).held()).contains(1);
      sure(
          all.parkNamespace.run(
              all.claimed().job(), ParkKind.CAPACITY, Reason.EXECUTOR_FULL, "", SOON));
      BuildId last = all.enqueued("bob/app");
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(heard.hints).contains(new Hint(Hint.Kind.RUNNABLE, last.value(), "")));
      assertThat(heard.kinds()).doesNotContain(Hint.Kind.SLOT_FREED);
    }
  }

  @Test
  void aPassedDeadlineIsHeardAsItsKeyExpires(TestRedis redis) {
    assertThat(KeyspaceEvents.enable(redis.connections())).isTrue();
    Limits hasty =
        Limits.defaults()
            .with(
                new Limits.Times(
                    Duration.ofSeconds(60),
                    Duration.ofMillis(300),
                    Duration.ofHours(2),
                    Duration.ofSeconds(120),
                    Duration.ofSeconds(300)));
    OrchestratorScripts scripts = redis.scripts(() -> hasty, RedisTime.SERVER);
    TestOrchestrator all = new TestOrchestrator(redis);
    try (EventFeed feed = feed(redis)) {
      feed.runOnce();
      BuildId id = all.enqueued("alice/app");
      sure(new Claim(scripts).run(all.nonce(), 1));
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(heard.expired).contains(id));
    }
  }

  /** R8: an exception in a callback must not end the listening. */
  @Test
  void aListenerThatThrowsHearsTheNextEventAllTheSame(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    try (EventFeed feed = feed(redis)) {
      feed.runOnce();
      heard.broken = true;
      all.enqueued("alice/app");
      Awaitility.await().atMost(PATIENCE).until(() -> feed.received() >= 3);
      heard.broken = false;
      all.enqueued("bob/app");
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(heard.kinds()).contains(Hint.Kind.RUNNABLE));
    }
  }

  /** R1: what was published while nobody listened is lost, so a return means: sweep. */
  @Test
  void aRestartOfRedisEndsInASweepAndInEventsAgain(OwnRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    try (EventFeed feed = feed(redis)) {
      feed.runOnce();
      int before = heard.resyncs.get();
      redis.process().restart();
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                feed.runOnce();
                assertThat(heard.resyncs.get()).isGreaterThan(before);
              });
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                feed.runOnce();
                assertThat(
                        redis.raw().configGet("notify-keyspace-events").values().iterator().next())
                    .contains("K", "x");
              });
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                all.enqueued("alice/app" + all.nonce().counter());
                assertThat(heard.kinds()).contains(Hint.Kind.RUNNABLE);
              });
    }
  }

  /** R5: a subscription can be dead while its connection looks alive. */
  @Test
  void aSilentSubscriptionIsReplacedAndFollowedByASweep(OwnRedis redis) {
    AtomicLong nanos = new AtomicLong();
    try (EventFeed feed =
        new EventFeed(redis.connections(), redis.keys(), MANAGER, heard, nanos::get)) {
      feed.runOnce();
      feed.runOnce();
      Awaitility.await().atMost(PATIENCE).until(() -> heard.resyncs.get() == 1);
      redis.process().pause();
      nanos.addAndGet(Duration.ofSeconds(4).toNanos());
      redis.process().resume();
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () -> {
                feed.runOnce();
                return feed.silence().isZero();
              });
      assertThat(heard.resyncs).hasValue(1);
      redis.raw().clientKill(io.lettuce.core.KillArgs.Builder.typePubsub());
      nanos.addAndGet(Duration.ofSeconds(6).toNanos());
      feed.runOnce();
      Awaitility.await().atMost(PATIENCE).until(() -> heard.resyncs.get() >= 2);
    }
  }
}
