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

@NeedsPrograms({Program.DOCKERD, Program.DOCKER, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class DockerMatrixIT extends EngineMatrix {
  @TempDir static Path home;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws Exception {
    daemon = ContainerDaemon.docker(home);
  }

  @AfterAll
  static void stopDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected BuildEngine engine() {
    return DockerEngine.docker(Map.of("DOCKER_HOST", daemon.host()), Sleeper.system());
  }

  @Override
  protected Map<String, List<String>> differences() {
    return Map.ofEntries(
        Map.entry(
            "here-documents of COPY",
            List.of(
                "refused: Dockerfile line 3: Docker's classic builder does not know"
                    + " here-documents")),
        Map.entry(
            "COPY --link",
            List.of("refused: Dockerfile line 2: Docker's classic builder does not know --link")),
        Map.entry(
            "COPY --chmod in octal",
            List.of("refused: Dockerfile line 2: Docker's classic builder does not know --chmod")),
        Map.entry(
            "COPY --chmod in symbols",
            List.of("refused: Dockerfile line 2: Docker's classic builder does not know --chmod")),
        Map.entry(
            "COPY --parents",
            List.of(
                "refused: Dockerfile line 2: Docker's classic builder does not know --parents")),
        Map.entry(
            "COPY --exclude",
            List.of(
                "refused: Dockerfile line 2: Docker's classic builder does not know --exclude")),
        Map.entry(
            "setuid, sticky and closed modes",
            List.of(
                "m d 755 0:0",
                "m/closed f 400 0:0 X",
                "m/setuid f 755 0:0 X",
                "m/sticky d 1777 0:0")),
        Map.entry(
            "secrets leave nothing",
            List.of("refused: Dockerfile line 2: Docker's classic builder does not know --mount")));
  }
}
