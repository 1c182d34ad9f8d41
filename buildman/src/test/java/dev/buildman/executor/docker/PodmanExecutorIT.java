package dev.buildman.executor.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.HostId;
import dev.buildman.testing.containers.ContainerDaemon;
import dev.buildman.testing.containers.ShellImage;
import dev.buildman.testing.tools.RequiresTool;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresTool(value = "podman", debianPackage = "podman")
@RequiresTool(value = "docker", debianPackage = "docker.io")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class PodmanExecutorIT extends ContainerExecutorContract {
  @TempDir private static Path folder;
  private static ContainerDaemon daemon;

  @BeforeAll
  static void startDaemon() throws Exception {
    daemon = ContainerDaemon.podman(folder);
    ShellImage.make(daemon, folder, IMAGE);
  }

  @AfterAll
  static void endDaemon() throws Exception {
    if (daemon != null) {
      daemon.close();
    }
  }

  @Override
  ContainerDaemon daemon() {
    return daemon;
  }

  @Test
  void podmanHasNoIdOfItsOwnSoTheManagersHostCounts() {
    HostId manager = new HostId("manager");
    DaemonHost host = new DaemonHost(settings("DOCKER_HOST: " + daemon.host()), manager);
    assertThat(host.get()).isEqualTo(manager);
    assertThat(host.isKnown()).isTrue();
  }
}
