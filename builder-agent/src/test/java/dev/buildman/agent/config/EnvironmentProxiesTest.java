package dev.buildman.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Proxy;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EnvironmentProxiesTest {
  private static final Map<String, String> VARIABLES =
      Map.of(
          "http_proxy", "plain.example:3128",
          "HTTPS_PROXY", "http://secure.example:8443/",
          "NO_PROXY", "internal.example, .corp.example,*.lab.example,10.0.0.1");

  private static String via(Map<String, String> variables, String url) {
    Proxy proxy = EnvironmentProxies.of(variables).select(URI.create(url)).getFirst();
    return proxy.type() == Proxy.Type.DIRECT
        ? "direct"
        : proxy.address().toString().replace("/<unresolved>", "");
  }

  @ParameterizedTest
  @CsvSource({
    "http://quay.io/v2/, plain.example:3128",
    "https://quay.io/v2/, secure.example:8443",
    "https://internal.example/, direct",
    "https://registry.internal.example/, direct",
    "https://notinternal.example/, secure.example:8443",
    "https://a.corp.example/, direct",
    "https://a.lab.example/, direct",
    "http://10.0.0.1:5000/, direct",
    "http://127.0.0.1:5000/, direct",
    "http://[::1]:5000/, direct",
    "http://localhost/, direct",
  })
  void theProxyDependsOnSchemeAndHost(String url, String expected) {
    assertThat(via(VARIABLES, url)).isEqualTo(expected);
  }

  @Test
  void withoutVariablesEverythingIsDirect() {
    assertThat(via(Map.of(), "https://quay.io/")).isEqualTo("direct");
  }

  @Test
  void aStarTurnsProxiesOff() {
    assertThat(via(Map.of("HTTPS_PROXY", "p:1", "NO_PROXY", "*"), "https://quay.io/"))
        .isEqualTo("direct");
  }
}
