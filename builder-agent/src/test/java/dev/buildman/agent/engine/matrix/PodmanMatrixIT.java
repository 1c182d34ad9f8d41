package dev.buildman.agent.engine.matrix;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.docker.DockerEngine;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

@NeedsPrograms({Program.PODMAN, Program.DOCKER, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class PodmanMatrixIT extends EngineMatrix {
  @TempDir static Path home;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws Exception {
    daemon = ContainerDaemon.podman(home, List.of(registryHost()));
  }

  @AfterAll
  static void stopDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected BuildEngine engine() {
    return DockerEngine.podman(Map.of("DOCKER_HOST", daemon.host()), Sleeper.system());
  }

  @Override
  protected Map<String, List<String>> differences() {
    return Map.ofEntries(
        Map.entry(
            "here-documents of COPY",
            List.of("refused: Dockerfile line 3: Podman's builder does not know here-documents")),
        Map.entry(
            "COPY --link",
            List.of("refused: Dockerfile line 2: Podman's builder does not know --link")),
        Map.entry(
            "COPY --chmod in symbols",
            List.of(
                "refused: Dockerfile line 2: Podman's builder does not know --chmod in symbols")),
        Map.entry(
            "COPY --parents",
            List.of("refused: Dockerfile line 2: Podman's builder does not know --parents")),
        Map.entry(
            "COPY --exclude",
            List.of("refused: Dockerfile line 2: Podman's builder does not know --exclude")),
        Map.entry(
            "setuid, sticky and closed modes",
            List.of(
                "m d 755 0:0",
                "m/closed f 400 0:0 X",
                "m/setuid f 755 0:0 X",
                "m/sticky d 1777 0:0")),
        Map.entry(
            "secrets leave nothing",
            List.of(
                "refused: a daemon of podman gives RUN no secrets and no SSH keys; use buildx or"
                    + " buildah")));
  }
}
