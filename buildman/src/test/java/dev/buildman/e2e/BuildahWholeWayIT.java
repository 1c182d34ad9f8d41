package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.client.BuildsClient;
import dev.buildman.client.ContextFolder;
import dev.buildman.client.PackedContext;
import dev.buildman.client.SourceUpload;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A multi-stage Dockerfile with RUN, build arguments and labels, on buildah, into Debian's
 * registry.
 */
@RedisTest
@RequiresTool(value = "buildah", debianPackage = "buildah")
@RequiresTool(value = "docker-registry", debianPackage = "docker-registry")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class BuildahWholeWayIT {
  private static final String MANIFESTS =
      "application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";

  @TempDir private Path folder;

  @Test
  void theManifestThatIsPulledBackHasWhatWasAskedFor(TestRedis redis) throws Exception {
    try (DebianRegistry registry = DebianRegistry.start(folder);
        Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager =
            site.manager(
                Map.of(
                    "EXECUTOR.CONTAINER_RUNTIME", "auto", "EXECUTOR.BUILDAH_ISOLATION", "chroot"));
        BuildsClient client = manager.client()) {
      Path base = Files.createDirectories(folder.resolve("base/bin")).getParent();
      Files.copy(Path.of("/bin/busybox"), base.resolve("bin/busybox"));
      Files.createSymbolicLink(base.resolve("bin/sh"), Path.of("busybox"));
      Files.writeString(
          base.resolve("Dockerfile"), "FROM scratch\nCOPY --chmod=0755 bin /bin\nENV PATH=/bin\n");
      assertComplete(client, build(client, registry, "lib/busybox", base, Map.of()));

      Path app = Files.createDirectories(folder.resolve("app"));
      Files.writeString(
          app.resolve("Dockerfile"),
          """
          ARG BASE
          FROM ${BASE} AS made
          ARG WHO=nobody
          RUN busybox mkdir /out && echo "made for $WHO" > /out/made
          FROM ${BASE}
          ARG WHO=nobody
          COPY --from=made /out /out
          RUN busybox grep -q "made for acme" /out/made
          LABEL made-for="$WHO"
          CMD ["busybox", "cat", "/out/made"]
          """);
      Build build =
          build(
              client,
              registry,
              "acme/app",
              app,
              Map.of("BASE", registry.address() + "/lib/busybox:latest", "WHO", "acme"));
      Build ended = assertComplete(client, build);

      JsonNode config = config(registry, "acme/app", ended.getResult().getDigests(0));
      assertThat(config.at("/config/Labels/made-for").asText()).isEqualTo("acme");
      assertThat(config.at("/config/Labels/asked").asText()).isEqualTo("by-the-client");
      assertThat(config.at("/config/Cmd").toString()).contains("/out/made");
      Watching.awaitNothingLeft(client, site);
    }
  }

  private static Build build(
      BuildsClient client,
      DebianRegistry registry,
      String repository,
      Path folder,
      Map<String, String> arguments)
      throws Exception {
    try (PackedContext context = ContextFolder.pack(folder, "Dockerfile")) {
      new SourceUpload(client)
          .send(context.file(), context.digest(), PackedContext.CONTENT_TYPE, _ -> {});
      return Steps.enqueue(
          client,
          BuildSpec.newBuilder()
              .setRepository(repository)
              .setRegistry(registry.address())
              .setUploadedSource(context.digest())
              .putAllBuildArgs(arguments)
              .putLabels("asked", "by-the-client")
              .build());
    }
  }

  private static Build assertComplete(BuildsClient client, Build build) throws Exception {
    Watching watching = new Watching();
    Build ended = watching.follow(client, build.getId());
    assertThat(ended.getPhase())
        .as("%s%n%s", ended, watching.log())
        .isEqualTo(Phase.PHASE_COMPLETE);
    return ended;
  }

  private static JsonNode config(DebianRegistry registry, String repository, String digest)
      throws Exception {
    String root = "http://" + registry.address() + "/v2/" + repository;
    JsonNode manifest = json(root + "/manifests/" + digest);
    return json(root + "/blobs/" + manifest.at("/config/digest").asText());
  }

  private static JsonNode json(String url) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(URI.create(url)).header("Accept", MANIFESTS).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(url).isEqualTo(200);
      return new ObjectMapper().readTree(response.body());
    }
  }
}
