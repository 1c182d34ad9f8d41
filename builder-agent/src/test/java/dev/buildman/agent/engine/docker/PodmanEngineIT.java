package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Podman's service of this machine's package, by the same API. */
@NeedsPrograms({Program.PODMAN, Program.DOCKER, Program.DOCKER_REGISTRY, Program.BUSYBOX})
class PodmanEngineIT extends DaemonContract {
  @TempDir static Path home;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws IOException {
    daemon = ContainerDaemon.podman(home, List.of(fresh("any").repository().registry()));
  }

  @AfterAll
  static void stopDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected ContainerDaemon daemon() {
    return daemon;
  }

  @Override
  protected BuildEngine engine() {
    return DockerEngine.podman(Map.of("DOCKER_HOST", daemon.host()), Sleeper.system());
  }

  /** Podman 4.3 lets it run to its own end. */
  @Override
  protected boolean endsItsCommands() {
    return false;
  }

  @Test
  void mountsACacheAndChangesModes() throws Exception {
    ImageReference base = busybox();
    file("tool", "tool");
    PulledImage image =
        image(
            "FROM "
                + base
                + "\n"
                + "COPY --chmod=711 tool /tool\n"
                + "RUN --mount=type=tmpfs,target=/t echo a > /t/a && echo b > /b\n");
    assertThat(image.files().get("tool").mode()).isEqualTo(0711);
    assertThat(image.text("b")).isEqualTo("b\n");
    assertThat(image.text("t/a")).isNull();
  }
}
