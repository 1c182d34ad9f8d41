package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.sources.SourceDigest;
import dev.buildman.sources.SourceStore;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Builds that have ended long ago. */
@RedisTest
class RetentionIT extends ReconcileFixture {
  @Test
  void anEndedBuildIsRetiredWithItsLogAndItsSourceWhenTheirTimeIsOver(@TempDir Path folder)
      throws IOException {
    SourceStore store = SourceStore.open(folder, 1 << 20, redis::now);
    SourceDigest digest = store.putDockerfile("FROM scratch".getBytes(UTF_8)).digest();
    NewBuild.Options options =
        new NewBuild.Options("", 0, 3, Optional.empty(), Set.of(), digest.toString());
    BuildId build = sure(redis.enqueue.run(TestOrchestrator.build("ns/repo", options)));
    List<BuildId> deleted = new ArrayList<>();
    Retention retention =
        new Retention(
            redis.scripts,
            deletedLogs(deleted),
            new OldSources(redis.scripts, store, redis::now),
            RetentionSettings.DEFAULT);

    redis.jump(Duration.ofDays(3));
    retention.runOnce();
    assertThat(store.find(digest)).as("a build that waits still names it").isPresent();

    sure(redis.cancel.run(build, "somebody", ""));
    redis.jump(Duration.ofDays(6));
    retention.runOnce();
    assertThat(store.find(digest)).isEmpty();
    assertThat(redis.builds.get(build)).isPresent();

    redis.jump(Duration.ofDays(2));
    retention.runOnce();
    assertThat(redis.builds.get(build)).isEmpty();
    assertThat(deleted).containsExactly(build);
  }

  private static EndedLogs deletedLogs(List<BuildId> deleted) {
    return new EndedLogs() {
      @Override
      public void close(BuildId ended) {}

      @Override
      public void delete(BuildId ended) {
        deleted.add(ended);
      }
    };
  }
}
