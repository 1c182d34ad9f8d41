package dev.buildman.orchestrator.queue;

import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.DueWork;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What thousands of waiting builds cost, and to whom. */
@RedisTest
@Isolated("counts all commands of the shared Redis")
class ManyBuildsIT {
  private static final Pattern STATISTIC =
      Pattern.compile("cmdstat_([a-z|]+):calls=(\\d+),usec=(\\d+)");

  /** Commands that Redis ran, those inside scripts included, and its time for scripts. */
  private record Work(long commands, long scriptMicros) {
    static Work of(TestRedis redis) {
      long commands = 0;
      long micros = 0;
      Matcher matcher = STATISTIC.matcher(redis.raw().info("commandstats"));
      while (matcher.find()) {
        commands += Long.parseLong(matcher.group(2));
        if (matcher.group(1).startsWith("eval")) {
          micros += Long.parseLong(matcher.group(3));
        }
      }
      return new Work(commands, micros);
    }

    Work since(Work before) {
      return new Work(commands - before.commands, scriptMicros - before.scriptMicros);
    }
  }

  /** The least that one claim of a repository's next build costs, of many. */
  private static Work claim(TestOrchestrator all, int rounds) {
    Work least = new Work(Long.MAX_VALUE, Long.MAX_VALUE);
    for (int i = 0; i < rounds; i++) {
      Work before = Work.of(all.redis());
      JobRef job = all.claimed().job();
      Work one = Work.of(all.redis()).since(before);
      least =
          new Work(
              Math.min(least.commands(), one.commands()),
              Math.min(least.scriptMicros(), one.scriptMicros()));
      sure(all.park.run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
      sure(all.wakeParked.byEvent(1));
    }
    return least;
  }

  @Test
  void tenThousandBuildsOfARepositoryMakeAClaimAtMostTwiceAsDear(OwnRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    all.enqueued("alice/app");
    Work alone = claim(all, 30);
    for (int i = 0; i < 10_000; i++) {
      all.enqueued("alice/app");
    }
    Work crowded = claim(all, 30);
    assertThat(crowded.commands()).isLessThanOrEqualTo(alone.commands());
    assertThat(crowded.scriptMicros()).isLessThanOrEqualTo(2 * alone.scriptMicros());
  }

  @Test
  void aThousandBuildsOfOneNamespaceDoNotKeepAnotherWaiting(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis).allow(10);
    for (int i = 0; i < 1000; i++) {
      all.enqueued("alice/app" + i);
    }
    BuildId other = all.enqueued("bob/app");
    all.claimed();
    assertThat(all.claimed().job().build()).isEqualTo(other);
  }

  /** D1: waiting for capacity burns no tries, keeps its place, and causes no polling. */
  @Test
  void tenThousandHeadsThatNobodyTakesCostNothingThroughAHundredSweeps(OwnRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis).allow(10);
    BuildId first = all.enqueued("alice/first");
    for (int i = 1; i < 10_000; i++) {
      all.enqueued("alice/app" + i);
    }
    BuildRecord before = all.record(first);
    Work start = Work.of(redis);
    for (int sweep = 0; sweep < 100; sweep++) {
      all.advance(Duration.ofSeconds(1));
      DueWork due = all.due.run(HOST, 100);
      due.parked().forEach(member -> all.wakeParked.run(member));
      Result<List<ClaimedBuild>> claimed = all.claim.run(all.nonce(), 10);
      for (ClaimedBuild build : claimed.held().orElse(List.of())) {
        all.parkNamespace.run(
            build.job(), ParkKind.OUTAGE, Reason.NAMESPACE_NOT_ALLOWED, "", Duration.ofSeconds(5));
      }
    }
    // A hundred sweeps of a second each, a claim of at most ten builds for every five.
    assertThat(Work.of(redis).since(start).commands() / 100).isLessThan(120);
    BuildRecord after = all.record(first);
    assertThat(after.course().counts()).isEqualTo(before.course().counts());
    assertThat(after.standing().place()).isEqualTo(before.standing().place());
    assertThat(all.builds.position(first)).isEqualTo(1);
    assertThat(all.builds.history(first)).hasSizeLessThanOrEqualTo(2);
    assertThat(all.status.read().queue().depth()).isEqualTo(10_000);
  }

  @Test
  void buildsAtCapacityWaitForNothing(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis);
    all.enqueued("alice/running");
    BuildId waiting = all.enqueued("bob/app");
    all.launched();
    BuildRecord before = all.record(waiting);
    for (int sweep = 0; sweep < 100; sweep++) {
      assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.FULL)).isTrue();
      all.jump(Duration.ofSeconds(1));
    }
    assertThat(all.record(waiting)).isEqualTo(before);
  }

  @Test
  void allSlotsOfManyManagersTogetherNeverExceedTheLimit(TestRedis redis) {
    TestOrchestrator all = new TestOrchestrator(redis).allow(7);
    all.limits(all.limits().with(new Limits.Capacity(7, 0, 0, 1000)));
    for (int i = 0; i < 50; i++) {
      all.enqueued("ns" + i % 5 + "/app");
    }
    int claimed = 0;
    for (int manager = 0; manager < 10; manager++) {
      claimed +=
          all.claim
              .run(all.nonce(new dev.buildman.model.ManagerId("m" + manager)), 3)
              .held()
              .map(List::size)
              .orElse(0);
    }
    assertThat(claimed).isEqualTo(7);
    assertThat(all.status.read().slots()).isEqualTo(7);
  }
}
