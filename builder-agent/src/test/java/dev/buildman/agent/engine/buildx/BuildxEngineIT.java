package dev.buildman.agent.engine.buildx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.BuildKitDaemon;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A BuildKit daemon of its own. Runs where {@code docker-buildx} and {@code buildkitd} are (or in
 * {@code -Dbuildman.test.path}); Debian 12 has neither, so nothing demands them.
 */
class BuildxEngineIT extends BuildxContract {
  @TempDir static Path home;
  private static BuildKitDaemon daemon;

  @BeforeAll
  static void startBuildKit() throws Exception {
    daemon = BuildKitDaemon.start(home);
  }

  @AfterAll
  static void stopBuildKit() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected Map<String, String> variables() {
    return Map.of("BUILDKIT_HOST", daemon.host());
  }

  @Test
  void makesAnIndexOfSeveralPlatforms() throws Exception {
    file("a", "a");
    file("Dockerfile", "FROM scratch\nARG TARGETARCH\nCOPY a /$TARGETARCH\n");
    ImageReference tag = fresh("index");
    List<Platform> platforms =
        List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));
    run(
        request(
            new BuildOptions(
                Map.of(), Map.of(), null, false, null, platforms, RunInputs.NONE, CacheRefs.NONE),
            tag),
        ALWAYS);

    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      Manifest index = client.manifest(tag);
      assertThat(index.isIndex()).isTrue();
      assertThat(index.images()).extracting(image -> image.platform()).containsAll(platforms);
      assertThat(client.manifest(tag, platforms.getLast()).layers()).hasSize(1);
    }
  }

  @Test
  void keepsItsStepsInARegistryAndTakesThemFromThere() throws Exception {
    ImageReference base = busybox();
    ImageReference cache = fresh("cache");
    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\n");
    run(
        request(with(RunInputs.NONE, new CacheRefs(List.of(), List.of(cache))), fresh("one")),
        ALWAYS);
    assertThat(served(cache)).isPresent();

    run(
        request(
            with(RunInputs.NONE, new CacheRefs(List.of(cache, fresh("none")), List.of())),
            fresh("two")),
        ALWAYS);
    assertThat(log.text()).contains("Using cache").contains("Cache is not used");
  }
}
