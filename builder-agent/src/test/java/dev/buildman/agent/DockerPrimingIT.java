package dev.buildman.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.proto.agent.BuildPack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As Quay's worker does: the tag that the manager names is pulled, and steps are taken from it. */
@NeedsPrograms({Program.DOCKERD, Program.DOCKER, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class DockerPrimingIT {
  @TempDir private Path folder;

  @Test
  void stepsAreTakenFromTheTagThatTheManagerNames() throws Exception {
    Path home = Files.createDirectory(folder.resolve("docker"));
    try (DockerRegistry registry =
            DockerRegistry.start(Files.createDirectory(folder.resolve("registry")));
        ContainerDaemon daemon = ContainerDaemon.docker(home)) {
      ImageReference base = ImageReference.parse(registry.host() + "/base/busybox:1");
      BusyboxImage.push(base, CredentialStore.none());
      BuildPack pack =
          BuildPack.newBuilder()
              .setJobJwt("job")
              .setBuildId("b-1")
              .setRegistry(registry.host())
              .setRepository("ns/primed")
              .addTagNames("v1")
              .setInlineDockerfile(
                  ByteString.copyFromUtf8("FROM " + base + "\nRUN echo made > /made\n"))
              .build();

      assertThat(build("first", pack, "none", daemon)).noneMatch(l -> l.contains("Using cache"));
      // What the first build made is gone from the daemon, so the cache can be the tag's alone.
      assertThat(daemon.client("images", "--all").text()).doesNotContain("primed");
      assertThat(build("second", pack, "v1", daemon))
          .anyMatch(l -> l.contains("Looking for cached steps in " + registry.host()))
          .anyMatch(l -> l.contains("Using cache"));
    }
  }

  private List<String> build(String name, BuildPack pack, String tag, ContainerDaemon daemon)
      throws Exception {
    Path own = Files.createDirectory(folder.resolve(name));
    Path work = Files.createDirectory(own.resolve("work"));
    Path token = Files.writeString(own.resolve("token"), "registration");
    try (TestManager manager = new TestManager(pack)) {
      manager.cachedTag(tag);
      Map<String, String> variables = new HashMap<>(AgentProcess.environment(manager, token, work));
      variables.put("CONTAINER_RUNTIME", "docker");
      variables.put("DOCKER_HOST", daemon.host());
      try (AgentProcess agent = AgentProcess.start(own, variables)) {
        assertThat(agent.exitStatus(Duration.ofSeconds(60))).as(agent.stderr()).isZero();
      }
      assertThat(manager.cacheQuestions()).hasSize(1);
      return manager.logLines();
    }
  }
}
