package dev.buildman.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.buildman.model.Secret;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "host, host:55051, false",
    "host:1, host:1, false",
    "127.0.0.1:1, 127.0.0.1:1, false",
    "[::1]:1, [::1]:1, false",
    "http://host:1/, host:1, false",
    "https://host, host:55051, true"
  })
  void readsWhatPeopleType(String server, String address, boolean tls) {
    Endpoint endpoint = Endpoint.parse(server, Optional.empty(), Secret.NONE);
    assertThat(endpoint.address()).isEqualTo(address);
    assertThat(endpoint.tls()).isEqualTo(tls);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ftp://host", "host:x", "http://host/path", "a b"})
  void refusesTheRestInASentence(String server) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Endpoint.parse(server, Optional.empty(), Secret.NONE))
        .withMessageContaining("host[:port]");
  }

  @Test
  void certificatesImplyTls() {
    assertThat(Endpoint.parse("host", Optional.of(Path.of("ca.pem")), Secret.NONE).tls()).isTrue();
  }

  @Test
  void showsNoToken() {
    assertThat(Endpoint.parse("host", Optional.empty(), Secret.of("canary")).toString())
        .doesNotContain("canary");
  }
}
