package dev.buildman.agent.engine.buildx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.Program;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The BuildKit inside of Docker's daemon. Runs where {@code docker-buildx} is. */
class BuildxInDockerIT extends BuildxContract {
  @TempDir static Path home;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws Exception {
    Assumptions.assumeTrue(
        Program.BUILDX.find().isPresent() && Program.DOCKERD.find().isPresent(),
        "needs docker-buildx and dockerd");
    daemon = ContainerDaemon.dockerWithNetwork(home);
  }

  @AfterAll
  static void stopDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  protected Map<String, String> variables() {
    return Map.of("DOCKER_HOST", daemon.host());
  }

  @Test
  void leavesNoImageInTheDaemon() throws Exception {
    image("FROM scratch\nCOPY Dockerfile /\n");
    assertThat(daemon.client("images", "--all", "--quiet").text()).isBlank();
  }

  /** Debian 12's Docker is older than 23. */
  @Override
  protected boolean pins() {
    return false;
  }
}
