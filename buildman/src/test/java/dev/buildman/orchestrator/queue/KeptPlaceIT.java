package dev.buildman.orchestrator.queue;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.SECOND;
import static dev.buildman.testing.orchestrator.TestOrchestrator.place;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever brings a build back to wait: it stands where it stood, before all that came later. */
@RedisTest
class KeptPlaceIT {
  private static final Reason UNAVAILABLE = Reason.EXECUTOR_UNAVAILABLE;

  /** The ways back, with what each costs. */
  enum Return {
    TRY_SPENT(2, 0),
    INTERRUPTED(3, 1),
    LAUNCH_UNKNOWN(3, 1),
    AMBIGUOUS_WITH_A_NEXT(3, 0),
    AMBIGUOUS_AND_NONE(3, 0),
    SURELY_NOTHING_AND_NONE(3, 0),
    PARKED_FOR_ROOM(3, 0),
    PARKED_FOR_AN_OUTAGE(3, 0),
    NAMESPACE_PARKED(3, 0),
    CLAIM_EXPIRED(3, 0);

    private final int tries;
    private final int interruptions;

    Return(int tries, int interruptions) {
      this.tries = tries;
      this.interruptions = interruptions;
    }

    boolean beforeTheIntent() {
      return ordinal() >= PARKED_FOR_ROOM.ordinal();
    }
  }

  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
  }

  @ParameterizedTest
  @EnumSource
  void aBuildThatComesBackIsClaimedBeforeThoseThatCameLater(Return way) {
    BuildId older = all.enqueued("alice/older");
    BuildId returned = all.enqueued("alice/returned");
    BuildId newer = all.enqueued("alice/newer");
    JobRef first = all.claimed().job();
    assertThat(first.build()).isEqualTo(older);
    JobRef job = all.claimed().job();
    assertThat(job.build()).isEqualTo(returned);
    sure(all.park.run(first, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
    if (!way.beforeTheIntent()) {
      sure(all.intend.run(job, place(EXECUTOR, job)));
    }

    bringBack(way, job);
    BuildId newest = all.enqueued("alice/newest");
    wakeAll();

    assertThat(claimable()).containsExactly(older, returned, newer, newest);
    BuildRecord record = all.record(returned);
    assertThat(record.course().counts().tries()).isEqualTo(way.tries);
    assertThat(record.course().counts().interruptions()).isEqualTo(way.interruptions);
  }

  /** Its own priority and age make its score each time: it neither gains nor loses by a repeat. */
  @ParameterizedTest
  @EnumSource
  void itStandsBehindThoseOfAHigherPriorityAndBeforeThoseOfALower(Return way) {
    BuildId returned = enqueued("alice/returned", 5);
    JobRef job = way.beforeTheIntent() ? all.claimed().job() : all.intended();
    assertThat(job.build()).isEqualTo(returned);
    BuildId low = enqueued("alice/low", 4);
    BuildId urgent = enqueued("alice/urgent", 6);
    BuildId equal = enqueued("alice/equal", 5);

    bringBack(way, job);
    wakeAll();

    assertThat(claimable()).containsExactly(urgent, returned, equal, low);
  }

  /** It keeps its repository's place meanwhile: what is behind it stays behind. */
  @ParameterizedTest
  @EnumSource
  void itsRepositorysLaterBuildsWaitBehindIt(Return way) {
    BuildId returned = all.enqueued("alice/app");
    BuildId behind =
        all.enqueue.run(TestOrchestrator.build("alice/app", urgent())).held().orElseThrow();
    JobRef job = way.beforeTheIntent() ? all.claimed().job() : all.intended();

    bringBack(way, job);
    assertThat(all.record(behind).standing().place()).isEqualTo(Place.BEHIND);
    wakeAll();

    assertThat(claimable()).containsExactly(returned);
  }

  /** A manual retry is a new build: it queues up as one. */
  @Test
  void aManualRetryStandsBehindAllThatWait() {
    BuildId ended = all.enqueued("alice/app");
    sure(all.cancel.run(ended, "", ""));
    BuildId waiting = all.enqueued("alice/other");
    BuildId again = BuildId.random();
    sure(all.retryBuild.run(ended, again, SealedSpec.of(new byte[] {1})));

    assertThat(claimable()).containsExactly(waiting, again);
  }

  private static NewBuild.Options urgent() {
    return options(100);
  }

  private static NewBuild.Options options(int priority) {
    return new NewBuild.Options("", priority, 3, Optional.empty(), Set.of(), "");
  }

  private BuildId enqueued(String repository, int priority) {
    return all.enqueue
        .run(TestOrchestrator.build(repository, options(priority)))
        .held()
        .orElseThrow();
  }

  private void bringBack(Return way, JobRef job) {
    switch (way) {
      case TRY_SPENT -> exit(job, Ending.WORKER_GONE);
      case INTERRUPTED -> exit(job, Ending.PROVIDER_INTERRUPTION);
      case LAUNCH_UNKNOWN, CLAIM_EXPIRED -> {
        all.advance(Duration.ofSeconds(31));
        sure(all.expire.run(job.build()));
      }
      case AMBIGUOUS_WITH_A_NEXT ->
          sure(all.moveOn.ambiguous(job, Optional.of(SECOND), UNAVAILABLE, ""));
      case AMBIGUOUS_AND_NONE -> sure(all.moveOn.ambiguous(job, Optional.empty(), UNAVAILABLE, ""));
      case SURELY_NOTHING_AND_NONE -> sure(all.moveOn.last(job, UNAVAILABLE, ""));
      case PARKED_FOR_ROOM -> sure(all.park.run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
      case PARKED_FOR_AN_OUTAGE -> sure(all.park.run(job, ParkKind.OUTAGE, UNAVAILABLE, ""));
      case NAMESPACE_PARKED ->
          sure(
              all.parkNamespace.run(
                  job, ParkKind.CAPACITY, Reason.EXECUTOR_FULL, "", Duration.ofSeconds(5)));
    }
  }

  private void exit(JobRef job, Ending ending) {
    sure(all.finishExit.run(job, EXECUTOR, EndNote.of(ending), Optional.empty(), true));
  }

  /** Everything that waits for a time may go on. */
  private void wakeAll() {
    all.advance(Duration.ofSeconds(30));
    var due = all.due.run(HOST, 10);
    due.delayed().forEach(build -> sure(all.wakeDelayed.run(build)));
    due.parked().forEach(member -> sure(all.wakeParked.run(member)));
  }

  private List<BuildId> claimable() {
    List<BuildId> claimed = new ArrayList<>();
    all.claim
        .run(all.nonce(), 10)
        .held()
        .orElse(List.of())
        .forEach(build -> claimed.add(build.job().build()));
    return claimed;
  }
}
