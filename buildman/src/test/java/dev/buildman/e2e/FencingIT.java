package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two workers of a build may exist for a moment; two pushes never. */
@RedisTest
class FencingIT {
  @TempDir private Path folder;

  /**
   * 1. An agent is stopped while it pushes, and so is the manager of its host, so nobody can end
   * it. 2. Its lease passes; another manager's worker builds and pushes. 3. The agent goes on: what
   * it had begun is worth nothing any more, and it must know that by itself.
   */
  @Test
  void anAgentThatSleptOverItsLeasePushesNothing(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess first = site.manager(host("host-a"))) {
      Build build;
      try (BuildsClient client = first.client()) {
        steps.pushBase(client);
        Watching.awaitNothingLeft(client, site);
        steps.gate(Hold.PUSHING).shut();
        build = steps.enqueue(client, "acme/app");
        Watching.awaitPhase(client, build.getId(), Phase.PHASE_PUSHING);
        Awaitility.await().until(steps.gate(Hold.PUSHING)::isWaitedAt);
      }
      List<ProcessHandle> asleep = WorkerProcesses.of(site).all();
      // Their shell stays as a zombie for as long as its parent, the first manager, is stopped.
      List<ProcessHandle> agents = WorkerProcesses.of(site).agents();
      assertThat(agents).hasSize(1);
      for (ProcessHandle process : asleep) {
        Signals.send("STOP", process.pid());
      }
      ManagerProcess second = site.manager(host("host-b"));
      // A balancer's health check sees that it does not answer; the agent's own connection stays.
      site.balancer().removeTarget(first.ports().agents());
      first.pause();
      try (BuildsClient client = second.client()) {
        Awaitility.await("the second attempt stands before the registry")
            .atMost(Duration.ofSeconds(90))
            .until(
                () -> client.getBuild(build.getId()),
                b -> b.getAttempt() >= 2 && b.getPhase() == Phase.PHASE_PUSHING);
        steps.gate(Hold.PUSHING).open();
        Watching before = new Watching();
        Build ended = before.follow(client, build.getId());
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        // On a machine that is too busy the second may lose its lease too.
        assertThat(ended.getAttempt()).isGreaterThanOrEqualTo(2);

        removeTag(site, ended);
        for (ProcessHandle process : asleep) {
          Signals.send("CONT", process.pid());
        }
        Awaitility.await("it holds its push, as it knows of no lease any more")
            .during(Duration.ofSeconds(4))
            .atMost(Duration.ofSeconds(20))
            .until(() -> status(site, "GET", "latest") == 404);
        // Until now its manager was as deaf as it had been itself; the next one tells it the truth.
        site.balancer().cut();
        Awaitility.await("the agent that slept ends by itself")
            .atMost(Duration.ofSeconds(45))
            .until(() -> agents.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(status(site, "GET", "latest")).as("it put its tag after all").isEqualTo(404);
        Watching after = new Watching();
        assertThat(after.follow(client, build.getId())).isEqualTo(ended);
        assertThat(after.logEntries()).as("it appended nothing").isEqualTo(before.logEntries());
        assertThat(after.reasons()).containsOnlyOnce("COMPLETED");
      }
      first.resume();
    }
  }

  private static Map<String, String> host(String name) {
    return new java.util.HashMap<>(
        Map.of(
            "BUILDMAN.HOST_ID", name,
            "BUILDMAN.LEASE", "6s",
            "BUILDMAN.HEARTBEAT", "1s",
            "BUILDMAN.TERMINATION_HOLD", "5s"));
  }

  private static void removeTag(Site site, Build ended) throws Exception {
    assertThat(status(site, "GET", "latest")).isEqualTo(200);
    assertThat(status(site, "DELETE", ended.getResult().getDigests(0))).isEqualTo(202);
    assertThat(status(site, "GET", "latest")).isEqualTo(404);
  }

  private static int status(Site site, String method, String reference) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://" + site.registry() + "/v2/acme/app/manifests/" + reference);
      HttpRequest request =
          HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }
}
