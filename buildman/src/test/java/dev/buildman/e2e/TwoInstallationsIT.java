package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.FakeKubelet;
import dev.buildman.testing.kubernetes.ObjectStore;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two installations, as a registry's staging and production, that share a namespace. */
@RedisTest
class TwoInstallationsIT {
  private static final String INSTALLATION = "buildman.dev/installation";
  private static final int BUILDS = 6;

  @TempDir private Path folder;
  private final ObjectStore store = new ObjectStore();
  private final ChaosAgents agents = new ChaosAgents();

  /** Whose workers were asked for, changed or deleted with whose token. */
  private final Map<String, Set<String>> touched = new ConcurrentHashMap<>();

  @Test
  void neitherTouchesTheOthersWorkersWhateverItsManagersGoThrough(TestRedis redis)
      throws Exception {
    try (FakeApiServer server = new FakeApiServer(store);
        FakeKubelet kubelet =
            new FakeKubelet(store, folder.resolve("pods"), Duration.ofSeconds(2), agents);
        Site one = Site.open(folder.resolve("one"), redis.settings(), redis.prefix() + "one");
        Site two = Site.open(folder.resolve("two"), redis.settings(), redis.prefix() + "two")) {
      server.logs(kubelet::log);
      server.witness(this::saw);
      ManagerProcess first = one.manager(settings(server, "token-of-one"));
      ManagerProcess second = two.manager(settings(server, "token-of-two"));
      try (BuildsClient ones = first.client();
          BuildsClient twos = second.client()) {
        List<String> ofOne = Steps.enqueueSmall(ones, one, BUILDS);
        List<String> ofTwo = Steps.enqueueSmall(twos, two, BUILDS);
        Awaitility.await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () -> assertThat(touched).containsOnlyKeys("token-of-one", "token-of-two"));
        first.kill();
        first.start();
        first.awaitReady();
        cancelLast(ones, ofOne);
        awaitComplete(ones, ofOne.subList(0, BUILDS - 1));
        awaitComplete(twos, ofTwo);
        Watching.awaitNothingLeft(ones, one);
        Watching.awaitNothingLeft(twos, two);
        assertThat(touched)
            .containsOnly(
                Map.entry("token-of-one", Set.of(ones.getStatus().getInstallation())),
                Map.entry("token-of-two", Set.of(twos.getStatus().getInstallation())));
        assertThat(ones.getStatus().getInstallation())
            .isNotEqualTo(twos.getStatus().getInstallation());
      }
    }
    for (String kind : List.of("jobs", "pods", "secrets")) {
      assertThat(store.list(kind, Map.of())).as(kind).isEmpty();
    }
  }

  private void saw(FakeApiServer.Request request) {
    String job =
        request.name().isEmpty()
            ? request.labels().getOrDefault("batch.kubernetes.io/job-name", "")
            // A pod is called after its Job.
            : request.name().replaceFirst("-pod01$", "");
    if (!job.isEmpty()) {
      store
          .get("jobs", job)
          .ifPresent(
              found -> note(request, found.at("/metadata/labels").path(INSTALLATION).asText()));
    } else if (Set.of("GET", "WATCH").contains(request.method())
        && Set.of("jobs", "pods").contains(request.kind())) {
      note(request, request.labels().getOrDefault(INSTALLATION, "everybody's: " + request));
    }
  }

  private void note(FakeApiServer.Request request, String whose) {
    touched.computeIfAbsent(request.bearer(), _ -> new ConcurrentSkipListSet<>()).add(whose);
  }

  private static Map<String, String> settings(FakeApiServer server, String token) {
    Map<String, String> settings = new HashMap<>();
    settings.put("EXECUTOR.K8S_API_SERVER", "http://" + server.address());
    settings.put("EXECUTOR.SERVICE_ACCOUNT_TOKEN", token);
    settings.put("EXECUTOR.AGENT", "ours");
    // The same name: what tells them apart is the installation alone.
    settings.put("EXECUTOR.NAME", "cluster");
    settings.put("BUILDMAN.HEARTBEAT", "1s");
    return settings;
  }

  private static void cancelLast(BuildsClient client, List<String> builds) {
    client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(builds.getLast()).build());
  }

  private static void awaitComplete(BuildsClient client, List<String> builds) {
    Set<String> open = new TreeSet<>(builds);
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              for (String id : Set.copyOf(open)) {
                Build build = client.getBuildWithEvents(id);
                if (build.getPhase().getNumber() >= Phase.PHASE_COMPLETE_VALUE) {
                  assertThat(build.getPhase()).as("%s", build).isEqualTo(Phase.PHASE_COMPLETE);
                  assertThat(build.getAttempt()).as("%s", build).isEqualTo(1);
                  open.remove(id);
                }
              }
              assertThat(open).isEmpty();
            });
  }
}
