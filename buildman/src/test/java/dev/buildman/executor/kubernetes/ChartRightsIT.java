package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.chart.Chart;
import dev.buildman.config.ConfigReader;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

/** The chart's Role gives what the executor asks for at its start, and nothing else. */
class ChartRightsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Set<String> asked = new ConcurrentSkipListSet<>();

  @Test
  void theChartsRoleGivesExactlyWhatTheExecutorAsksFor() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::allow);
    server.start();
    try (KubernetesExecutor executor = executor(server.getAddress().getPort())) {
      executor.check();
    } finally {
      server.stop(0);
    }
    assertThat(asked).isNotEmpty();
    for (String values : new String[] {"trial", "production", "own-config"}) {
      assertThat(given(values)).as(values).isEqualTo(asked);
    }
  }

  private static Set<String> given(String values) {
    Role role =
        Chart.with(values).render().stream()
            .filter(Role.class::isInstance)
            .map(Role.class::cast)
            .findFirst()
            .orElseThrow();
    Set<String> given = new TreeSet<>();
    for (PolicyRule rule : role.getRules()) {
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          rule.getVerbs().forEach(verb -> given.add(verb + " " + group + "/" + resource));
        }
      }
    }
    return given;
  }

  private static String right(JsonNode asked) {
    String sub = asked.path("subresource").asText("");
    return asked.path("verb").asText()
        + " "
        + asked.path("group").asText("")
        + "/"
        + asked.path("resource").asText()
        + (sub.isEmpty() ? "" : "/" + sub);
  }

  private void allow(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode body = JSON.readTree(exchange.getRequestBody());
      // The other request is the one for a Job that is not meant to be made.
      if (exchange.getRequestURI().getPath().endsWith("/selfsubjectaccessreviews")) {
        asked.add(right(body.at("/spec/resourceAttributes")));
        ((ObjectNode) body).putObject("status").put("allowed", true);
      }
      byte[] answer = JSON.writeValueAsBytes(body);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(201, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private static KubernetesExecutor executor(int port) {
    KubernetesSettings settings =
        new ConfigReader(Map.of())
            .readText(
                "test",
                "E:\n  EXECUTOR: kubernetesPodman\n  AGENT: ours\n  K8S_API_SERVER: 127.0.0.1:"
                    + port
                    + "\n",
                Path.of("/"),
                top -> KubernetesSettings.parse(top.section("E"), "1.0"))
            .orThrow();
    return new KubernetesExecutor(
        settings,
        new Installation("0123456789ab", "state-1"),
        Ticker.system(),
        InstantSource.system());
  }
}
