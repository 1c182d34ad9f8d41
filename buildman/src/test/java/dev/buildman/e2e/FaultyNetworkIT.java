package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.FaultProxy.Fault;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole builds with a bad network on every side of the agent. However it goes, each build ends, a
 * complete one is in the registry byte by byte, and nothing is left behind. {@code
 * -Dbuildman.seed=N} repeats a run; {@code -Dbuildman.long=true} makes it fifteen times as long.
 */
@RedisTest
@RequiresTool(value = "git", debianPackage = "git")
class FaultyNetworkIT {
  private static final int BUILDS = Boolean.getBoolean("buildman.long") ? 60 : 4;
  private static final int LAYER = 600_000;

  private static final Pattern DIGEST = Pattern.compile("\"digest\": ?\"sha256:([0-9a-f]{64})\"");
  private static final List<Fault> BREAKS =
      List.of(Fault.CUT, Fault.RESET, Fault.STALL, Fault.THROTTLE, Fault.LATE);

  /** What a network may be blamed for; anything else is ours. */
  private static final Set<String> BLAMED_ON_THE_NETWORK =
      Set.of("GIT_FAILED", "GIT_REF_NOT_FOUND", "PUSH_FAILED", "AGENT_FAILED", "HEARTBEAT_LOST");

  @TempDir private Path folder;

  @Test
  void buildsEndAsTheyMustWhateverTheNetworkDoes(TestRedis redis) throws Exception {
    long seed = Long.getLong("buildman.seed", new Random().nextInt(1_000_000));
    System.out.println("FaultyNetworkIT: seed " + seed);
    try (GitOverHttp git = GitOverHttp.serve(folder.resolve("git"), files(seed));
        Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager =
            site.manager(Map.of("BUILDMAN.LEASE", "20s", "ALLOWED_WORKER_COUNT", "3"));
        FaultProxy toManager = new FaultProxy(manager.ports().agents(), seed, BREAKS, 6_000, 5);
        FaultProxy toGit = new FaultProxy(git.port(), seed + 1, BREAKS, 300_000, 2);
        FaultProxy toRegistry =
            new FaultProxy(site.registryPort(), seed + 2, registryFaults(), 400_000, 4);
        BuildsClient client = manager.client()) {
      site.balancer().removeTarget(manager.ports().agents());
      site.balancer().addTarget(toManager.port());
      List<Build> builds = new ArrayList<>();
      for (int i = 0; i < BUILDS; i++) {
        builds.add(Steps.enqueue(client, spec(i, toGit, toRegistry)));
      }
      int complete = 0;
      for (Build build : builds) {
        Build ended = Watching.toTheEnd(client, build);
        String told =
            "seed %d: %s%nmanager %s%ngit %s%nregistry %s"
                .formatted(
                    seed, ended, toManager.happened(), toGit.happened(), toRegistry.happened());
        if (ended.getPhase() == Phase.PHASE_COMPLETE) {
          complete++;
          assertWhole(site.registry(), ended, told);
        } else {
          assertThat(BLAMED_ON_THE_NETWORK).as(told).contains(ended.getReason());
        }
      }
      assertThat(toRegistry.happened()).as("seed %d", seed).isNotEmpty();
      assertThat(complete).as("complete, seed %d", seed).isGreaterThanOrEqualTo(BUILDS / 2);
      Watching.awaitNothingLeft(client, site);
    }
  }

  private static List<Fault> registryFaults() {
    return List.copyOf(EnumSet.complementOf(EnumSet.of(Fault.NONE)));
  }

  private static Map<String, byte[]> files(long seed) {
    Map<String, byte[]> files = new HashMap<>();
    byte[] noise = new byte[LAYER];
    new Random(seed).nextBytes(noise);
    files.put("noise", noise);
    files.put(
        "Dockerfile",
        "FROM scratch\nARG N\nLABEL n=$N\nCOPY noise /noise-$N\nCOPY Dockerfile /\n"
            .getBytes(StandardCharsets.UTF_8));
    return files;
  }

  private static BuildSpec spec(int number, FaultProxy git, FaultProxy registry) {
    return BuildSpec.newBuilder()
        .setRepository("acme/app-" + number)
        .setRegistry(registry.address())
        .addTags("latest")
        .addTags("v1")
        .putBuildArgs("N", String.valueOf(number))
        .setGit(
            GitSource.newBuilder().setUrl("http://" + git.address() + "/app.git").setRef("main"))
        .build();
  }

  /** Both tags are the digest that was reported, and every blob is what its digest says. */
  private static void assertWhole(String registry, Build build, String told) throws Exception {
    String root = "http://" + registry + "/v2/" + build.getRepository();
    try (HttpClient http = HttpClient.newHttpClient()) {
      byte[] latest = get(http, root + "/manifests/latest", told);
      assertThat(get(http, root + "/manifests/v1", told)).as(told).isEqualTo(latest);
      assertThat("sha256:" + sha256(latest)).as(told).isEqualTo(build.getResult().getDigests(0));
      Matcher digests = DIGEST.matcher(new String(latest, StandardCharsets.UTF_8));
      int blobs = 0;
      while (digests.find()) {
        byte[] blob = get(http, root + "/blobs/sha256:" + digests.group(1), told);
        assertThat(sha256(blob)).as(told).isEqualTo(digests.group(1));
        blobs++;
      }
      assertThat(blobs).as(told).isEqualTo(3);
    }
  }

  private static byte[] get(HttpClient http, String url, String told) throws Exception {
    HttpResponse<byte[]> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url))
                .header(
                    "Accept",
                    "application/vnd.oci.image.manifest.v1+json,"
                        + " application/vnd.docker.distribution.manifest.v2+json")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).as(url + "\n" + told).isEqualTo(200);
    return response.body();
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
