package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D6: a cancel works in every phase, reaches the worker, and no tag is put after it. */
@RedisTest
class CancelIT {
  /** From the cancel to the last process of the worker gone, on a busy machine of two cores. */
  private static final Duration PROMPT = Duration.ofSeconds(15);

  private static final Duration NO_TAG_AFTER = Duration.ofSeconds(2);

  @TempDir private Path folder;

  @Test
  void aCancelEndsABuildInEveryPhase(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of());
        BuildsClient client = manager.client()) {
      steps.pushBase(client);

      for (Hold hold : Hold.values()) {
        String repository = "acme/" + hold.name().toLowerCase();
        steps.gate(hold).shut();
        Build running = steps.enqueue(client, repository);
        Build behind = steps.enqueue(client, repository);
        Watching.awaitPhase(client, running.getId(), hold.phase());
        Awaitility.await().until(steps.gate(hold)::isWaitedAt);

        assertCancelled(client, behind.getId(), "CANCELLED");
        assertCancelled(
            client,
            running.getId(),
            hold == Hold.PUSHING ? "CANCELLED_WHILE_PUSHING" : "CANCELLED");
        if (hold == Hold.PUSHING) {
          // From here on only the agent itself keeps its tag back.
          pass(NO_TAG_AFTER);
          steps.gate(hold).open();
        }
        Awaitility.await("the worker of " + hold + " is gone")
            .atMost(PROMPT)
            .until(() -> WorkerProcesses.of(site).all().isEmpty());
        steps.gate(hold).open();
        assertThat(tagStatus(site, repository)).as("%s: no tag was put", hold).isEqualTo(404);
      }
      Watching.awaitNothingLeft(client, site);
    }
  }

  /** What may happen until then does not matter: there is nothing to be waited for. */
  private static void pass(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
  }

  private static void assertCancelled(BuildsClient client, String id, String reason) {
    CancelBuildRequest request =
        CancelBuildRequest.newBuilder().setBuildId(id).setBy("joe").setReason("a typo").build();
    Build cancelled = client.cancelBuild(request);
    assertThat(cancelled.getPhase()).as("%s", cancelled).isEqualTo(Phase.PHASE_CANCELLED);
    assertThat(cancelled.getReason()).isEqualTo(reason);
    assertThat(cancelled.getCancelledBy()).isEqualTo("joe");
    assertThat(client.cancelBuild(request).getPhase()).isEqualTo(Phase.PHASE_CANCELLED);
  }

  @Test
  void whatHasEndedCannotBeCancelled(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of());
        BuildsClient client = manager.client()) {
      steps.pushBase(client);
      Build ended = Watching.toTheEnd(client, steps.enqueue(client, "acme/ended"));
      assertThatThrownBy(
              () ->
                  client.cancelBuild(
                      CancelBuildRequest.newBuilder().setBuildId(ended.getId()).build()))
          .isInstanceOfSatisfying(
              CallFailed.class,
              failed -> assertThat(failed.kind()).isEqualTo(CallFailed.Kind.REFUSED));
    }
  }

  private static int tagStatus(Site site, String repository) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://" + site.registry() + "/v2/" + repository + "/manifests/latest");
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
