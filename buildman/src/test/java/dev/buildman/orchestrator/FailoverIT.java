package dev.buildman.orchestrator;

import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.job;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.redis.ServerFacts;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * R13: a replica becomes primary without the last writes, so that attempt and session numbers are
 * given out again while workers from before live on. What tells them apart is the claim's nonce.
 */
@RedisTest
class FailoverIT {
  private TestOrchestrator all;
  private final Map<String, byte[]> replica = new HashMap<>();
  private BuildId id;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    id = all.enqueued("alice/app");
  }

  private Iterable<String> keys() {
    return all.redis().raw().keys(all.keys().tag() + "*");
  }

  /** The replica has everything up to here, and nothing after it. */
  private void replicated() {
    keys().forEach(key -> replica.put(key, all.redis().raw().dump(key)));
  }

  private void failOver() {
    keys().forEach(key -> all.redis().raw().del(key));
    replica.forEach((key, value) -> all.redis().raw().restore(key, 0, value));
    all.facts(new ServerFacts("7.0.15", "replication-2", true, true, ""));
    all.tick.run(MANAGER);
  }

  /**
   * A manager that has lost its nonce's place, as Redis forgot its claims: its counter still grows.
   */
  private SessionRef anew() {
    all.advance(Duration.ofSeconds(61));
    return all.in(Phase.PUSHING);
  }

  @Test
  void anOldWorkerWithTheSameNumbersNeitherBeatsNorPushesNorCompletes() {
    replicated();
    SessionRef old = all.in(Phase.PUSHING);
    failOver();
    SessionRef now = anew();
    assertThat(now.attempt()).isEqualTo(old.attempt());
    assertThat(now.session()).isEqualTo(old.session());

    assertThat(all.heartbeat.run(old, MANAGER).refused(Refusal.FENCED)).isTrue();
    assertThat(all.to(old, 9, Phase.PUSHING).refused(Refusal.FENCED)).isTrue();
    assertThat(
            all.finishPhase
                .run(
                    new SetPhase.Step(old, 10, MANAGER),
                    EndNote.of(Ending.COMPLETED),
                    BuildResult.UNKNOWN)
                .refused(Refusal.FENCED))
        .isTrue();
    assertThat(all.register.run(all.registration(job(old), "1.0")).refused(Refusal.ENDED)).isTrue();
    assertThat(all.heartbeat.run(now, MANAGER).held()).isPresent();
  }

  /** A claim may reach the promoted replica before any tick has. */
  @Test
  void beforeTheFirstTickAfterAFailoverNothingIsClaimed() {
    all.redis().raw().hset(all.keys().meta(), "ticked_on", "another server");
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.FAILED_OVER)).isTrue();
    all.tick.run(MANAGER);
    assertThat(all.claim.run(all.nonce(), 1).held()).isPresent();
  }

  @Test
  void untilOldLeasesAreOverNothingIsClaimed() {
    replicated();
    all.in(Phase.PUSHING);
    failOver();
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.FAILED_OVER)).isTrue();
    all.advance(Duration.ofSeconds(59));
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.FAILED_OVER)).isTrue();
    all.advance(Duration.ofSeconds(1));
    assertThat(all.claim.run(all.nonce(), 1).held()).isPresent();
  }

  @Test
  void theOldManagersCommandsDoNotTouchTheNewClaim() {
    replicated();
    JobRef old = all.intended();
    failOver();
    all.advance(Duration.ofSeconds(61));
    JobRef now = sure(all.claim.run(all.nonce(new ManagerId("m2")), 1)).getFirst().job();
    assertThat(now.attempt()).isEqualTo(old.attempt());
    assertThat(all.launched.run(old, "old", Duration.ofSeconds(9)).refused(Refusal.NOT_YOURS))
        .isTrue();
    assertThat(
            all.moveOn
                .last(old, dev.buildman.model.Reason.EXECUTOR_UNAVAILABLE, "")
                .refused(Refusal.NOT_YOURS))
        .isTrue();
  }

  @Test
  void seeingTheOldWorkerGoneDoesNotCloseTheNewWorkersDuty() {
    replicated();
    SessionRef old = all.in(Phase.BUILDING);
    failOver();
    SessionRef now = anew();
    sure(all.cancel.run(id, "", ""));
    assertThat(all.dutyConfirmed.run(job(old))).isInstanceOf(Result.AlreadyThere.class);
    Duty duty = sure(all.takeDuties.run(HOST, 5)).getFirst();
    assertThat(duty.attempt()).isEqualTo(job(now));
    assertThat(all.status.read().slots()).isOne();
  }

  /** What the reaper goes by: the old worker belongs to no job, although its attempt is live. */
  @Test
  void theJobShowsThatTheOldWorkerIsNotItsOwn() {
    replicated();
    SessionRef old = all.in(Phase.BUILDING);
    failOver();
    SessionRef now = anew();
    assertThat(all.jobOf(id).ref()).isEqualTo(job(now)).isNotEqualTo(job(old));
    assertThat(all.duties.get(old.attempt())).isEmpty();
  }
}
