package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.client.BuildsClient;
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
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An index of two platforms, made by one build, goes by another one from its registry to a second
 * one: under its own digest, with all that it names.
 */
@RedisTest
@RequiresTool(value = "docker-registry", debianPackage = "docker-registry")
class ImageCopyWholeWayIT {
  private static final String INDEXES =
      "application/vnd.oci.image.index.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";

  @TempDir private Path folder;

  @Test
  void anImageIsCopiedWithAllItsPlatforms(TestRedis redis) throws Exception {
    try (DebianRegistry target = DebianRegistry.start(folder);
        Site site = Site.open(folder, redis.settings(), redis.prefix());
        ManagerProcess manager = site.manager(Map.of());
        BuildsClient client = manager.client();
        HttpClient http = HttpClient.newHttpClient()) {
      Build made =
          ended(
              client,
              spec(site.registry(), "lib/both")
                  .setInlineDockerfile("FROM scratch\nARG TARGETARCH\nLABEL for=$TARGETARCH\n")
                  .addAllPlatforms(List.of("linux/amd64", "linux/arm64")));

      Build copied =
          ended(
              client,
              spec(target.address(), "acme/copy")
                  .setSourceImage(site.registry() + "/lib/both:latest")
                  .addTags("v1"));

      String digest = made.getResult().getDigests(0);
      assertThat(copied.getResult().getDigestsList()).containsExactly(digest);
      String root = "http://" + target.address() + "/v2/acme/copy";
      assertThat(json(http, root + "/manifests/v1"))
          .isEqualTo(json(http, root + "/manifests/" + digest));
      JsonNode index = json(http, root + "/manifests/latest");
      assertThat(index.at("/manifests").findValuesAsText("architecture"))
          .containsExactly("amd64", "arm64");
      for (JsonNode each : index.at("/manifests")) {
        JsonNode manifest = json(http, root + "/manifests/" + each.path("digest").asText());
        JsonNode config = json(http, root + "/blobs/" + manifest.at("/config/digest").asText());
        assertThat(config.at("/config/Labels/for").asText())
            .isEqualTo(each.at("/platform/architecture").asText());
      }
      Watching.awaitNothingLeft(client, site);
    }
  }

  private static BuildSpec.Builder spec(String registry, String repository) {
    return BuildSpec.newBuilder().setRegistry(registry).setRepository(repository).addTags("latest");
  }

  private static Build ended(BuildsClient client, BuildSpec.Builder spec) throws Exception {
    Build ended = Watching.toTheEnd(client, Steps.enqueue(client, spec.build()));
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    return ended;
  }

  private static JsonNode json(HttpClient http, String url) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(url)).header("Accept", INDEXES).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(url).isEqualTo(200);
    return new ObjectMapper().readTree(response.body());
  }
}
