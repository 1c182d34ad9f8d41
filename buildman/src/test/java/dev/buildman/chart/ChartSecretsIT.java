package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.Helm;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The installation's secrets are made once: others would lock all builds' secrets in Redis away.
 */
class ChartSecretsIT {
  private static final Pattern SECRET_KEY = Pattern.compile("\"secret-key\":\"([^\"]+)\"");
  private static final String OURS = "/secrets/site-buildman-secrets";
  private static final String MISSING =
      "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\","
          + " \"reason\": \"NotFound\", \"code\": 404}";
  private static final Map<String, List<String>> KINDS =
      Map.of(
          "v1",
          List.of(
              "Namespace",
              "Secret",
              "ConfigMap",
              "Service",
              "ServiceAccount",
              "ResourceQuota",
              "PersistentVolumeClaim"),
          "apps/v1",
          List.of("Deployment", "StatefulSet"),
          "networking.k8s.io/v1",
          List.of("NetworkPolicy"),
          "rbac.authorization.k8s.io/v1",
          List.of("Role", "RoleBinding"));

  private HttpServer cluster;
  private final Queue<String> sent = new ConcurrentLinkedQueue<>();
  private volatile String present = "";

  @BeforeEach
  void cluster() throws IOException {
    cluster = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    cluster.createContext("/", this::answer);
    cluster.start();
  }

  @AfterEach
  void noCluster() {
    cluster.stop(0);
  }

  @Test
  void theSecretsOfAnEarlierReleaseAreTakenOver() {
    String before = base64("the-secret-key-of-before");
    present =
        """
        {"kind": "Secret", "apiVersion": "v1",
         "metadata": {"name": "site-buildman-secrets", "namespace": "buildman",
           "labels": {"app.kubernetes.io/managed-by": "Helm"},
           "annotations": {"meta.helm.sh/release-name": "site",
             "meta.helm.sh/release-namespace": "buildman"}},
         "data": {"secret-key": "%s"}}
        """
            .formatted(before);
    install();
    assertThat(sent)
        .singleElement(InstanceOfAssertFactories.STRING)
        .as("what is new is added, what was there is left")
        .startsWith("PATCH")
        .contains("api-token")
        .doesNotContain("secret-key");
  }

  @Test
  void aFirstReleaseMakesNewOnes() {
    install();
    install();
    List<String> keys =
        sent.stream()
            .filter(request -> request.startsWith("POST"))
            .flatMap(request -> SECRET_KEY.matcher(request).results())
            .map(match -> match.group(1))
            .toList();
    assertThat(keys).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void theNotesLeadToAFirstBuild() {
    assertThat(install())
        .contains("kubectl -n buildman rollout status deployment/site-buildman\n")
        .contains("port-forward service/site-buildman-clients 55051")
        .contains("get secret site-buildman-secrets -o 'jsonpath={.data.api-token}'")
        .contains("buildman build --docker-config ~/.docker/config.json -t")
        .contains("registry.example.com:5000/first/build .")
        .contains("workers in buildman-builders (isolation: unconfined)");
  }

  private String install() {
    return new Helm(Chart.FOLDER)
        .install()
        .withName(Chart.RELEASE)
        .withNamespace(Chart.NAMESPACE)
        .withValuesFile(Path.of("src/test/resources/chart/trial.yaml").toAbsolutePath())
        .withKubeConfigContents(
            """
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
            contexts: [{name: test, context: {cluster: test, user: test}}]
            users: [{name: test, user: {}}]
            """
                .formatted(cluster.getAddress().getPort()))
        .disableOpenApiValidation()
        .call()
        .getOutput();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    String asked = new String(body, StandardCharsets.UTF_8);
    String method = exchange.getRequestMethod();
    if (!method.equals("GET")) {
      if (asked.contains("\"secret-key\"") || path.endsWith(OURS)) {
        sent.add(method + " " + asked);
      }
      boolean patch = method.equals("PATCH");
      // Helm keeps its releases in protobuf.
      String type =
          patch ? "application/json" : exchange.getRequestHeaders().getFirst("Content-Type");
      send(exchange, 200, type, patch ? present.getBytes(StandardCharsets.UTF_8) : body);
      return;
    }
    String found =
        switch (path) {
          case "/version" -> "{\"major\": \"1\", \"minor\": \"33\", \"gitVersion\": \"v1.33.0\"}";
          case "/api" -> "{\"kind\": \"APIVersions\", \"versions\": [\"v1\"]}";
          case "/apis" -> groups();
          default -> path.endsWith(OURS) ? present : kinds(path.replaceFirst("^/apis?/", ""));
        };
    send(
        exchange,
        found.isEmpty() ? 404 : 200,
        "application/json",
        (found.isEmpty() ? MISSING : found).getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static String groups() {
    return KINDS.keySet().stream()
        .filter(group -> group.contains("/"))
        .map(
            group ->
                """
                {"name": "%s", "versions": [{"groupVersion": "%s", "version": "v1"}],
                 "preferredVersion": {"groupVersion": "%s", "version": "v1"}}
                """
                    .formatted(group.replace("/v1", ""), group, group))
        .collect(
            Collectors.joining(
                ",", "{\"kind\": \"APIGroupList\", \"apiVersion\": \"v1\", \"groups\": [", "]}"));
  }

  private static String kinds(String group) {
    return KINDS.getOrDefault(group, List.of()).stream()
        .map(
            kind ->
                """
                {"name": "%s", "singularName": "", "namespaced": %s, "kind": "%s",
                 "verbs": ["create", "get", "list"]}
                """
                    .formatted(
                        kind.toLowerCase(Locale.ROOT).replaceFirst("y$", "ie") + "s",
                        !kind.equals("Namespace"),
                        kind))
        .reduce((one, other) -> one + "," + other)
        .map(
            all ->
                "{\"kind\": \"APIResourceList\", \"apiVersion\": \"v1\", \"groupVersion\": \""
                    + group
                    + "\", \"resources\": ["
                    + all
                    + "]}")
        .orElse("");
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
