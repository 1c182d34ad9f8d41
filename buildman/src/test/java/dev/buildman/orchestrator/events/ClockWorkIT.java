package dev.buildman.orchestrator.events;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.build;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class ClockWorkIT {
  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
  }

  @Test
  void nothingIsDueWhereNothingHappens() {
    assertThat(all.due.run(HOST, 10).isEmpty()).isTrue();
    all.enqueued("alice/app");
    all.launched();
    assertThat(all.due.run(HOST, 10).isEmpty()).isTrue();
  }

  @Test
  void theFirstTickOfAllMissesNobodyAndYetBeginsAGrace(TestRedis redis) {
    redis.raw().del(all.keys().meta(), all.keys().tag() + "managers/at");
    Tick.Ticked first = sure(all.tick.run(MANAGER));
    assertThat(first.gap()).as("nobody was here that could be missed").isFalse();
    assertThat(first.graceUntil()).isPresent();
    all.jump(Duration.ofSeconds(11));
    assertThat(sure(all.tick.run(MANAGER)).gap()).isTrue();
  }

  @Test
  void aPassedDeadlineIsDueWithoutAnyEvent() {
    BuildId id = all.enqueued("alice/app");
    all.claimed();
    all.jump(Duration.ofSeconds(30));
    assertThat(all.due.run(HOST, 10).jobs()).containsExactly(id);
  }

  @Test
  void theLogOfAnEndedBuildIsDueToCloseAfterThirtySecondsUntilItIsNoted() {
    BuildId id = all.enqueued("alice/app");
    all.registered();
    sure(all.cancel.run(id, "", ""));
    assertThat(all.due.run(HOST, 10).logs()).isEmpty();
    all.jump(Duration.ofSeconds(30));
    assertThat(all.due.run(HOST, 10).logs()).containsExactly(id);
    assertThat(all.logClosed.run(id)).isInstanceOf(Result.Applied.class);
    assertThat(all.logClosed.run(id)).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.due.run(HOST, 10).logs()).isEmpty();
  }

  @Test
  void theStatusCountsWhatIsThere() {
    all.enqueued("alice/app");
    all.enqueued("alice/app");
    all.enqueued("bob/app");
    JobRef launched = all.launched();
    all.jump(Duration.ofSeconds(5));
    OrchestratorStatus status = all.status.read();
    assertThat(status.queue().depth()).isEqualTo(2);
    assertThat(status.queue().jobs()).isOne();
    assertThat(status.queue().runnable()).isOne();
    assertThat(status.queue().oldestWait()).contains(Duration.ofSeconds(5));
    assertThat(status.slots()).isOne();
    assertThat(status.live()).containsEntry("first", 1);
    assertThat(status.duties().open()).isZero();
    assertThat(status.outage().lastTick()).isPresent();
    sure(
        all.finishExit.run(
            launched, EXECUTOR, EndNote.of(Ending.WORKER_GONE), Optional.empty(), false));
    all.jump(Duration.ofSeconds(3));
    assertThat(all.status.read().duties())
        .isEqualTo(new OrchestratorStatus.Duties(1, Optional.of(Duration.ofSeconds(3))));
    assertThat(all.status.read().queue().delayed()).isOne();
    assertThat(all.status.read().queue().phases()).containsEntry(Phase.WAITING, 3);
  }

  @Test
  void theStateOfARedisIsNamedOnce() {
    Installation first = all.status.found(new Installation("abc", "uuid-1"));
    assertThat(first).isEqualTo(new Installation("abc", "uuid-1"));
    assertThat(all.status.found(new Installation("abc", "uuid-2"))).isEqualTo(first);
  }

  @Test
  void anUploadedSourceIsUnusedOnceItsLastBuildHasEnded() {
    NewBuild.Options options =
        new NewBuild.Options("", 0, 3, Optional.empty(), Set.of(), "sha256:1");
    BuildId one = all.enqueue.run(build("alice/a", options)).held().orElseThrow();
    BuildId two = all.enqueue.run(build("alice/b", options)).held().orElseThrow();
    sure(all.cancel.run(one, "", ""));
    all.jump(Duration.ofDays(2));
    assertThat(all.builds.sourcesUnusedFor(Duration.ofDays(1), 10)).isEmpty();
    sure(all.cancel.run(two, "", ""));
    assertThat(all.builds.sourcesUnusedFor(Duration.ofDays(1), 10)).isEmpty();
    all.jump(Duration.ofDays(1));
    assertThat(all.builds.sourcesUnusedFor(Duration.ofDays(1), 10)).containsExactly("sha256:1");
  }
}
