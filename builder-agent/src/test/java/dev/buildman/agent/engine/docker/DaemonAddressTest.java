package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DaemonAddressTest {

  @Test
  void readsWhatDockersOwnProgramReads() {
    DaemonAddress socket = DaemonAddress.docker(Map.of("DOCKER_HOST", "unix:///run/d.sock"));
    assertThat(socket.socket()).contains(Path.of("/run/d.sock"));
    assertThat(socket.certificates()).isNull();

    DaemonAddress plain = DaemonAddress.docker(Map.of("DOCKER_HOST", "tcp://10.0.0.1:2375"));
    assertThat(plain.uri()).hasToString("tcp://10.0.0.1:2375");
    assertThat(plain.certificates()).isNull();

    DaemonAddress secured =
        DaemonAddress.docker(
            Map.of(
                "DOCKER_HOST", "https://docker:2376/",
                "DOCKER_CERT_PATH", "/certs",
                "DOCKER_TLS_VERIFY", "1"));
    assertThat(secured.uri()).hasToString("tcp://docker:2376");
    assertThat(secured.certificates()).isEqualTo(Path.of("/certs"));
    assertThat(secured.verify()).isTrue();
  }

  @Test
  void hasTheUsualPlacesWithoutAVariable() {
    assertThat(DaemonAddress.docker(Map.of()).socket()).contains(Path.of("/var/run/docker.sock"));
    assertThat(DaemonAddress.docker(Map.of()).named()).isFalse();
    assertThat(DaemonAddress.podman(Map.of("XDG_RUNTIME_DIR", "/nowhere")).socket())
        .contains(Path.of("/run/podman/podman.sock"));
  }

  @Test
  void saysWhichVariableIsWrong() {
    for (String wrong : new String[] {"npipe:////./pipe/docker", "10.0.0.1:2375", "tcp://x", "%"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DaemonAddress.docker(Map.of("DOCKER_HOST", wrong)))
          .withMessageContaining("DOCKER_HOST is '" + wrong);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                DaemonAddress.docker(Map.of("DOCKER_HOST", "tcp://x:1", "DOCKER_TLS_VERIFY", "1")))
        .withMessageContaining("DOCKER_CERT_PATH");
  }
}
