package dev.buildman.orchestrator.queue;

import static dev.buildman.testing.orchestrator.TestOrchestrator.build;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Namespace;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class EnqueueIT {
  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis);
  }

  private static NewBuild.Options keyed(String key) {
    return new NewBuild.Options(key, 0, 3, Optional.empty(), Set.of(), "");
  }

  @Test
  void theSameBuildAgainIsAlreadyThereAndChangesNothing() {
    NewBuild build = build("alice/app");
    assertThat(all.enqueue.run(build)).isInstanceOf(Result.Applied.class);
    String before = all.dump(build.id());
    assertThat(all.enqueue.run(build)).isEqualTo(new Result.AlreadyThere<>(build.id()));
    assertThat(all.dump(build.id())).isEqualTo(before);
  }

  @Test
  void theSameIdWithAnotherBodyIsRefused() {
    NewBuild build = build("alice/app");
    all.enqueue.run(build);
    NewBuild other =
        new NewBuild(
            build.id(), build.repository(), build.spec(), "other", NewBuild.Options.DEFAULT);
    assertThat(all.enqueue.run(other).refused(Refusal.OTHER_BODY)).isTrue();
  }

  @Test
  void aKnownKeyFindsItsBuildForADayAndOnlyInItsNamespace() {
    BuildId first = all.enqueue.run(build("alice/app", keyed("k"))).held().orElseThrow();
    assertThat(all.enqueue.run(build("alice/app", keyed("k"))))
        .isEqualTo(new Result.AlreadyThere<>(first));
    assertThat(all.enqueue.run(build("bob/app", keyed("k")))).isInstanceOf(Result.Applied.class);
    all.jump(Duration.ofHours(23));
    assertThat(all.enqueue.run(build("alice/app", keyed("k"))).held()).contains(first);
    all.jump(Duration.ofHours(2));
    assertThat(all.enqueue.run(build("alice/app", keyed("k")))).isInstanceOf(Result.Applied.class);
  }

  @Test
  void aKnownKeyWithAnotherBodyIsRefusedAndNamesTheBuild() {
    BuildId first = all.enqueue.run(build("alice/app", keyed("k"))).held().orElseThrow();
    NewBuild other =
        new NewBuild(
            BuildId.random(),
            RepositoryName.parse("alice/app"),
            SealedSpec.of(new byte[0]),
            "other",
            keyed("k"));
    assertThat(all.enqueue.run(other))
        .isEqualTo(new Result.Refused<>(Refusal.OTHER_BODY, first.value()));
  }

  @Test
  void aFullQueueTakesNoMore() {
    all.limits(all.limits().with(new Limits.Capacity(1, 1, 0, 2)));
    all.enqueued("alice/one");
    all.enqueued("alice/one");
    assertThat(all.enqueue.run(build("alice/two")).refused(Refusal.QUEUE_FULL)).isTrue();
  }

  @Test
  void aRecordKeepsWhatItWasGiven() {
    NewBuild build =
        build("alice/nested/app", new NewBuild.Options("", -7, 5, Optional.empty(), Set.of(), ""));
    all.enqueue.run(build);
    BuildRecord record = all.record(build.id());
    assertThat(record.repository()).isEqualTo(build.repository());
    assertThat(record.spec()).isEqualTo(build.spec());
    assertThat(record.standing().place()).isEqualTo(Place.HEAD);
    assertThat(record.standing().phase()).isEqualTo(Phase.WAITING);
    assertThat(record.standing().sentence()).isNotEmpty();
    assertThat(record.course().counts()).isEqualTo(new BuildRecord.Counts(0, 0, 5, 0, -7));
    assertThat(record.course().times().enqueued()).isEqualTo(all.now());
  }

  @Test
  void buildsOfARepositoryStandBehindItsFirstOne() {
    BuildId first = all.enqueued("alice/app");
    BuildId second = all.enqueued("alice/app");
    BuildId other = all.enqueued("alice/other");
    assertThat(all.record(first).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.record(second).standing().place()).isEqualTo(Place.BEHIND);
    assertThat(all.record(other).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.builds.position(first)).isEqualTo(1);
    assertThat(all.builds.position(other)).isEqualTo(2);
    assertThat(all.builds.position(second)).isEqualTo(3);
    assertThat(all.builds.repositoriesBehind()).containsExactly(RepositoryName.parse("alice/app"));
  }

  /** Also names that a naive key layout would mix up with its own keys. */
  @Test
  void namespacesCalledLikeKeysDoNotCollide() {
    for (String namespace : List.of("parked", "delayed", "namespaces", "meta", "jobs")) {
      all.enqueued(namespace + "/app");
    }
    all.allow(10);
    assertThat(all.claim.run(all.nonce(), 10).held().orElseThrow()).hasSize(5);
  }

  @Test
  void aRaisedLimitPromotesThroughTheNextEnqueueInOrder() {
    BuildId first = all.enqueued("alice/app");
    BuildId second = all.enqueued("alice/app");
    BuildId third = all.enqueued("alice/app");
    all.limits(all.limits().with(new Limits.Capacity(1, 3, 0, 100)));
    BuildId fourth = all.enqueued("alice/app");
    assertThat(List.of(first, second, third))
        .allSatisfy(id -> assertThat(all.record(id).standing().place()).isEqualTo(Place.HEAD));
    assertThat(all.record(fourth).standing().place()).isEqualTo(Place.BEHIND);
  }

  @Test
  void promoteAloneFillsARaisedLimitAndIsAlreadyThereAfterwards() {
    RepositoryName app = RepositoryName.parse("alice/app");
    all.enqueued("alice/app");
    BuildId second = all.enqueued("alice/app");
    assertThat(all.promote.run(app)).isInstanceOf(Result.AlreadyThere.class);
    all.limits(all.limits().with(new Limits.Capacity(1, 0, 0, 100)));
    assertThat(all.promote.run(app)).isInstanceOf(Result.Applied.class);
    assertThat(all.record(second).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.promote.run(app)).isInstanceOf(Result.AlreadyThere.class);
  }

  @Test
  void aLimitThatIsLiftedLetsTheWaitingGoInSteps() {
    RepositoryName app = RepositoryName.parse("alice/app");
    for (int i = 0; i < 450; i++) {
      all.enqueued("alice/app");
    }
    all.limits(all.limits().with(new Limits.Capacity(1, 0, 0, 1_000)));
    List<Long> behind = new ArrayList<>();
    while (all.promote.run(app) instanceof Result.Applied) {
      behind.add(all.redis().raw().zcard(all.keys().behind(app)));
    }
    assertThat(behind).containsExactly(249L, 49L, 0L);
    assertThat(all.redis().raw().zcard(all.keys().heads(app.namespace()))).isEqualTo(450);
  }

  @Test
  void listsAreNewestFirstInPagesAndFiltered() {
    List<BuildId> mine = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      mine.addFirst(all.enqueued("alice/app"));
      all.enqueued("bob/app");
    }
    all.cancel.run(mine.get(2), "alice", "");
    BuildFilter alice =
        new BuildFilter(Optional.of(new Namespace("alice")), Optional.empty(), Set.of());
    List<BuildId> seen = new ArrayList<>();
    OptionalLong cursor = OptionalLong.empty();
    do {
      BuildPage page = all.builds.list(alice, cursor, 2);
      page.builds().forEach(build -> seen.add(build.id()));
      cursor = page.next();
    } while (cursor.isPresent());
    assertThat(seen).isEqualTo(mine);

    BuildFilter cancelled =
        new BuildFilter(
            Optional.empty(),
            Optional.of(RepositoryName.parse("alice/app")),
            Set.of(Phase.CANCELLED));
    assertThat(all.builds.list(cancelled, OptionalLong.empty(), 10).builds())
        .extracting(BuildRecord::id)
        .containsExactly(mine.get(2));
    BuildFilter waiting =
        new BuildFilter(Optional.empty(), Optional.empty(), Set.of(Phase.WAITING));
    assertThat(all.builds.list(waiting, OptionalLong.empty(), 100).builds()).hasSize(9);
    assertThat(all.builds.list(BuildFilter.ALL, OptionalLong.empty(), 100).builds()).hasSize(10);
  }

  @Test
  void aRetryAsksForTheSameAndNamesWhatItRepeats() {
    BuildId old =
        all.enqueue
            .run(build("alice/app", new NewBuild.Options("", 3, 2, Optional.empty(), Set.of(), "")))
            .held()
            .orElseThrow();
    BuildId created = BuildId.random();
    SealedSpec spec = SealedSpec.of(new byte[] {7});
    assertThat(all.retryBuild.run(old, created, spec).refused(Refusal.NOT_ENDED)).isTrue();
    assertThat(all.retryBuild.run(BuildId.random(), created, spec).refused(Refusal.UNKNOWN))
        .isTrue();
    all.cancel.run(old, "alice", "");
    assertThat(all.retryBuild.run(old, created, spec)).isEqualTo(new Result.Applied<>(created));
    assertThat(all.retryBuild.run(old, created, spec))
        .isEqualTo(new Result.AlreadyThere<>(created));
    BuildRecord again = all.record(created);
    assertThat(again.course().retryOf()).contains(old);
    assertThat(again.spec()).isEqualTo(spec);
    assertThat(again.course().counts().tries()).isEqualTo(2);
    assertThat(again.course().counts().priority()).isEqualTo(3);
    BuildId unrelated = all.enqueued("alice/app");
    assertThat(all.retryBuild.run(old, unrelated, spec).refused(Refusal.OTHER_BODY)).isTrue();
  }
}
