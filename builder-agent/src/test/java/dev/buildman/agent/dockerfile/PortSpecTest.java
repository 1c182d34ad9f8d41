package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortSpecTest {

  @Test
  void readsPortsProtocolsAndRanges() throws DockerfileException {
    assertThat(PortSpec.ports("80", 1)).containsExactly("80/tcp");
    assertThat(PortSpec.ports("53/UDP", 1)).containsExactly("53/udp");
    assertThat(PortSpec.ports("8000-8002/tcp", 1))
        .containsExactly("8000/tcp", "8001/tcp", "8002/tcp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "80:80", "70000", "9-3", "80/icmp", ""})
  void refusesWhatIsNoPort(String text) {
    assertThatThrownBy(() -> PortSpec.ports(text, 5)).hasMessageContaining("line 5");
  }
}
