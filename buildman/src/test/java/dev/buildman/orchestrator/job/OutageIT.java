package dev.buildman.orchestrator.job;

import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.ServerFacts;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Outages do not kill builds: grace, by the clock's argument. */
@RedisTest
class OutageIT {
  private TestOrchestrator all;
  private BuildId id;
  private SessionRef session;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    id = all.enqueued("alice/app");
    session = all.in(Phase.BUILDING);
  }

  @Test
  void aSilentAgentLosesItsJobAfterItsLease() {
    all.advance(Duration.ofSeconds(59));
    assertThat(all.expire.run(id).refused(Refusal.NOT_DUE)).isTrue();
    all.advance(Duration.ofSeconds(1));
    sure(all.expire.run(id));
    assertThat(all.record(id).standing().reason()).isEqualTo("HEARTBEAT_LOST");
    assertThat(all.record(id).course().counts().tries()).isEqualTo(2);
    assertThat(all.heartbeat.run(session, MANAGER))
        .isEqualTo(new Result.Refused<>(Refusal.FENCED, "HEARTBEAT_LOST"));
    assertThat(all.expire.run(id).refused(Refusal.ENDED)).isTrue();
  }

  @Test
  void aBeatAfterTheDeadlineButBeforeTheScriptRevivesTheJob() {
    all.advance(Duration.ofSeconds(61));
    sure(all.heartbeat.run(session, MANAGER));
    assertThat(all.expire.run(id).refused(Refusal.NOT_DUE)).isTrue();
  }

  @Test
  void afterAnOutageOfMinutesAgentsHaveTimeToComeBack() {
    all.jump(Duration.ofMinutes(7));
    assertThat(all.expire.run(id).refused(Refusal.GRACE)).isTrue();
    all.advance(Duration.ofSeconds(74));
    assertThat(all.expire.run(id).refused(Refusal.GRACE)).isTrue();
    sure(all.heartbeat.run(session, MANAGER));
    all.advance(Duration.ofSeconds(30));
    assertThat(all.expire.run(id).refused(Refusal.NOT_DUE)).isTrue();
    assertThat(all.status.read().outage().graceFrom()).isPresent();
  }

  @Test
  void whoDoesNotComeBackWithinTheGraceIsLost() {
    all.jump(Duration.ofMinutes(7));
    all.tick.run(MANAGER);
    all.advance(Duration.ofSeconds(75));
    sure(all.expire.run(id));
    assertThat(all.record(id).standing().reason()).isEqualTo("HEARTBEAT_LOST");
  }

  /** Whoever is first after an outage must find it: the sweep may be faster than the tick. */
  @Test
  void expireFindsTheOutageItself() {
    all.jump(Duration.ofSeconds(61));
    assertThat(all.expire.run(id).refused(Refusal.GRACE)).isTrue();
    assertThat(sure(all.tick.run(MANAGER)).gap()).isFalse();
  }

  @Test
  void aClockThatStepsForwardKillsNobody() {
    all.jump(Duration.ofMinutes(5));
    all.tick.run(MANAGER);
    assertThat(all.expire.run(id).refused(Refusal.GRACE)).isTrue();
    sure(all.heartbeat.run(session, MANAGER));
    all.advance(Duration.ofSeconds(55));
    assertThat(all.phase(id)).isEqualTo(Phase.BUILDING);
  }

  /** Leases are set, never only raised: so they heal. */
  @Test
  void aClockThatStepsBackKillsNobodyAndLeasesHeal() {
    all.jump(Duration.ofMinutes(-5));
    assertThat(sure(all.tick.run(MANAGER)).gap()).isTrue();
    sure(all.heartbeat.run(session, MANAGER));
    assertThat(all.jobOf(id).times().deadline()).isEqualTo(all.now().plusSeconds(60));
    all.advance(Duration.ofSeconds(76));
    sure(all.expire.run(id));
  }

  @Test
  void graceIsSetNotRaisedSoItHealsAfterAClockThatSteppedForwardAndBack() {
    all.jump(Duration.ofHours(5));
    all.tick.run(MANAGER);
    all.jump(Duration.ofHours(-5));
    all.tick.run(MANAGER);
    sure(all.heartbeat.run(session, MANAGER));
    all.advance(Duration.ofSeconds(76));
    sure(all.expire.run(id));
  }

  @Test
  void aClaimWithoutAnIntentIsTakenBackInGraceToo() {
    BuildId other = all.enqueued("bob/app");
    all.claimed();
    all.jump(Duration.ofSeconds(31));
    assertThat(all.expire.run(other)).isEqualTo(new Result.Applied<>(new Expired.ClaimTakenBack()));
  }

  @Test
  void aFailoverBeginsAGrace() {
    all.advance(Duration.ofSeconds(50));
    all.facts(new ServerFacts("7.0.15", "replication-2", true, true, ""));
    all.tick.run(MANAGER);
    all.advance(Duration.ofSeconds(10));
    assertThat(all.expire.run(id).refused(Refusal.GRACE)).isTrue();
  }

  /** A cancel in grace: the agent may have beaten Redis's clock, so its push gets a whole lease. */
  @Test
  void aFenceRaisedInGraceLastsAWholeLease() {
    sure(all.to(session, 2, Phase.PUSHING));
    all.jump(Duration.ofMinutes(5));
    all.tick.run(MANAGER);
    sure(all.cancel.run(id, "", ""));
    all.advance(Duration.ofSeconds(59));
    assertThat(all.letGo.run(session.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    all.advance(Duration.ofSeconds(16));
    assertThat(all.letGo.run(session.attempt()).held()).isPresent();
  }

  /** By the clock the lease is over, by the agent it is not: it may still be pushing. */
  @Test
  void aClockThatStepsForwardTakesNoFenceDown() {
    sure(all.to(session, 2, Phase.PUSHING));
    sure(all.cancel.run(id, "", ""));
    all.jump(Duration.ofMinutes(5));
    assertThat(all.letGo.run(session.attempt()).refused(Refusal.GRACE)).isTrue();
    assertThat(all.record(id).standing().fence()).isOne();
    all.advance(Duration.ofSeconds(76));
    sure(all.letGo.run(session.attempt()));
  }

  @Test
  void quaysAgentIsCarriedWhenItIsSilentAndItsWorkerDecides() {
    BuildId other = all.enqueued("bob/app");
    SessionRef quay = all.registeredQuay();
    all.advance(Duration.ofSeconds(60));
    assertThat(all.expire.run(other)).isEqualTo(new Result.Applied<>(new Expired.Carried()));
    assertThat(all.jobOf(other).agent().orElseThrow().carried()).contains(all.now());
    all.advance(Duration.ofMinutes(30));
    assertThat(all.expire.run(other).refused(Refusal.NOT_DUE)).isTrue();
    assertThat(all.to(quay, 1, Phase.PUSHING).held()).isPresent();
    assertThat(all.jobOf(other).agent().orElseThrow().carried()).isEmpty();
    assertThat(all.jobOf(other).times().deadline()).isEqualTo(all.now().plusSeconds(60));
  }
}
