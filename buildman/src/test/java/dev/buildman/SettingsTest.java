package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.HostPort;
import dev.buildman.config.Problem;
import dev.buildman.executor.popen.PopenSettings;
import dev.buildman.model.AgentKind;
import dev.buildman.model.Credentials;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Limits;
import dev.buildman.redis.RedisSettings;
import dev.buildman.redis.RedisSettings.Address;
import dev.buildman.redis.RedisSettings.Topology;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {

  private static final Places PLACES =
      new Places(Path.of("/opt/agent/bin/builder-agent"), Path.of("/home/me/.local/share"));

  private static final String SMALL =
      """
      SECRET_KEY: a-secret-that-is-long-enough
      BUILD_MANAGER:
      - ephemeral
      - EXECUTORS:
        - EXECUTOR: popen
      """;

  @Test
  void theSmallestFileGetsTheDefaults() {
    Settings settings = read(SMALL).orThrow();
    assertThat(settings.mode()).isEqualTo(new Mode.Work());
    assertThat(settings.work().limits()).isEqualTo(Limits.defaults());
    assertThat(settings.stores().orchestrator()).isEqualTo(RedisSettings.defaults());
    assertThat(settings.stores().buildLogs()).isEqualTo(RedisSettings.defaults());
    assertThat(settings.identity().dialled()).isEqualTo(new HostPort("127.0.0.1", 55_443));
    assertThat(settings.listeners().clients().address())
        .isEqualTo(new HostPort("127.0.0.1", 55_051));
    assertThat(settings.work().builds().tries()).isEqualTo(3);
    assertThat(settings.work().keeping().data())
        .isEqualTo(Path.of("/home/me/.local/share/buildman"));
    assertThat(settings.executors()).hasSize(1);
    assertThat(settings.executors().getFirst())
        .isInstanceOfSatisfying(
            PopenSettings.class,
            popen ->
                assertThat(popen.workDirectory())
                    .isEqualTo(Path.of("/home/me/.local/share/buildman/workers")));
    assertThat(read(SMALL).warnings()).isEmpty();
  }

  /** D16: Quay accepts anything here. */
  @Test
  void aQuayConfigurationIsAcceptedAsItIs() {
    ConfigResult<Settings> result = read(resource("quay.yaml"));
    Settings settings = result.orThrow();
    assertThat(result.warnings()).isEmpty();
    assertThat(settings.stores().keys().tag()).isEqualTo("{buildman/production/}");
    assertThat(settings.work().limits().capacity().allowedWorkers()).isEqualTo(20);
    assertThat(settings.work().limits().times().jobRegistration())
        .isEqualTo(Duration.ofSeconds(600));
    assertThat(settings.stores().orchestrator().login().password()).isEqualTo("12345678");
    assertThat(settings.stores().buildLogs().topology())
        .isEqualTo(new Topology.Standalone(new Address("redis.internal", 6379)));
    assertThat(settings.identity().dialled())
        .isEqualTo(new HostPort("builds.registry.example.org", 443));
    assertThat(settings.identity().registry()).isEqualTo("registry.example.org");
    assertThat(settings.executors().getFirst().common().agent()).isEqualTo(AgentKind.QUAY);
    assertThat(settings.executors().getFirst().common().environment())
        .doesNotContainKeys("HTTP_PROXY", "HTTPS_PROXY");
  }

  @Test
  void manyMistakesAreAllReportedAtOnce() {
    List<String> problems = problems(resource("ten-mistakes.yaml"));
    assertThat(problems)
        .anyMatch(line -> line.contains("SECRET_KEY: is required"))
        .anyMatch(line -> line.startsWith("c.yaml:2:20: BUILDMAN_HOSTNAME"))
        .anyMatch(line -> line.startsWith("c.yaml:5:25: BUILD_MANAGER[1].ALLOWED_WORKER_COUNT"))
        .anyMatch(line -> line.contains("did you mean ALLOWED_WORKER_COUNT?"))
        .anyMatch(line -> line.contains("REDIS_PREFIX: is retired: set ORCHESTRATOR_PREFIX"))
        .anyMatch(line -> line.contains("\"123456\" is not allowed"))
        .anyMatch(line -> line.contains("REDIS_PASSWORD: a map stands where"))
        .anyMatch(
            line ->
                line.contains(
                    "there is no executor \"docker-swarm\"; known: kubernetes, kubernetesPodman"))
        .anyMatch(line -> line.contains("EXECUTORS[1].STAGED_ROLLOUT: \"20%\""))
        .anyMatch(line -> line.contains("nowhere.pem cannot be read (it does not exist)"))
        .anyMatch(line -> line.contains("two executors are called same"))
        .anyMatch(line -> line.contains("\"60 parsecs\""))
        .anyMatch(line -> line.contains("0.0.0.0:55051 can be reached by others: set API_TOKEN"))
        .anyMatch(line -> line.contains("LOGS.MAX_LINE"))
        .anyMatch(line -> line.contains("3 h") || line.contains("10800 s is longer than a worker"))
        .noneMatch(line -> line.contains("hunter2"))
        .noneMatch(line -> line.contains("K8S_API_SERVER"))
        .hasSize(15);
  }

  @Test
  void aMistypedTopLevelKeyIsAWarningThatNamesTheRightOne() {
    assertThat(read("SECRET_KYE: x\n" + SMALL).warnings())
        .extracting(Problem::message)
        .containsExactly("is not read; did you mean SECRET_KEY?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FEATURE_BUILD_SUPPORT: false             | FEATURE_BUILD_SUPPORT is false",
        "BUILD_MANAGER: [external, {X: 1}]        | another program manages the builds (external)",
        "SERVER_HOSTNAME: x                       | the configuration has no BUILD_MANAGER"
      })
  void aManagerThatHasNothingToManageIdles(String text, String why) {
    assertThat(read(text).orThrow().mode()).isEqualTo(new Mode.Idle(why));
  }

  @Test
  void whileIdleTheBuildManagersMapIsNotChecked() {
    String text =
        "FEATURE_BUILD_SUPPORT: false\nBUILD_MANAGER: [ephemeral, {ORCHESTRATOR: {A_PREFIX: x}}]";
    assertThat(read(text).orThrow().executors()).isEmpty();
  }

  @Test
  void buildSupportWithoutAManagerIsAProblem() {
    assertThat(problems("FEATURE_BUILD_SUPPORT: true"))
        .singleElement()
        .asString()
        .contains("BUILD_MANAGER: is required");
  }

  @Test
  void theOlderFormOfOneExecutorIsRead() {
    String text =
        """
        SECRET_KEY: a-secret-that-is-long-enough
        BUILD_MANAGER:
        - ephemeral
        - EXECUTOR: popen
          EXECUTOR_CONFIG: {NAME: old}
        """;
    assertThat(read(text).orThrow().executors().getFirst().common().name().value())
        .isEqualTo("old");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LEASE: 5s                             | less than 3 heartbeats",
        "SWEEP: 2m                             | longer than LEASE",
        "BUILD_TIMEOUT: 3h                     | longer than a worker may live",
        "RETRY_BACKOFF: {FIRST: 10m}           | longer than MAX",
        "METRICS_LISTEN: 127.0.0.1:55051       | port 55051 is that of CLIENTS_LISTEN too",
        "CLIENTS_LISTEN: 0.0.0.0:80            | set API_TOKEN",
        "INSTALLATION: UPPER                   | lower-case",
        "HOST_ID: 'a b'                        | HOST_ID",
        "LOG_LEVEL: loud                       | error, warn, info, debug, trace",
        "SOURCES: {URL: 'ftp://x'}             | http:// or https://",
        "REGISTRY_AUTH: {'q.io': {PASSWORD: x}}| USERNAME: is required",
        "REDIS_HOST: x                         | unknown key; known here:",
      })
  void whatMakesNoSenseInOursIsRefused(String ours, String words) {
    assertThat(problems(SMALL + "BUILDMAN: {" + ours + "}")).anyMatch(line -> line.contains(words));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "REDIS_SENTINELS: [a]                                | belong together",
        "REDIS_SENTINEL_MASTER: m                            | belong together",
        "REDIS_CLUSTER_NODES: [a], REDIS_DB: 1               | database 0 only",
        "REDIS_CLUSTER_NODES: [a], REDIS_SENTINELS: [b], REDIS_SENTINEL_MASTER: m| keep one",
        "REDIS_SSL: true, REDIS_CERT_AND_KEY: [a]            | two files",
      })
  void impossibleRedisCombinationsAreRefused(String redis, String words) {
    String text = SMALL + "  ORCHESTRATOR: {" + redis + "}\n";
    assertThat(problems(text)).anyMatch(line -> line.contains(words));
  }

  @Test
  void aPrefixThatWouldSpreadTheKeysIsRefused() {
    assertThat(problems(SMALL + "  ORCHESTRATOR_PREFIX: 'a{b}'\n"))
        .singleElement()
        .asString()
        .contains("must not have braces");
  }

  @Test
  void sentinelsAndClusterNodesGetTheirUsualPorts() {
    String sentinel = "  ORCHESTRATOR: {REDIS_SENTINELS: [a, 'b:1'], REDIS_SENTINEL_MASTER: m}\n";
    assertThat(read(SMALL + sentinel).orThrow().stores().orchestrator().topology())
        .isEqualTo(
            new Topology.Sentinel(List.of(new Address("a", 26_379), new Address("b", 1)), "m"));
  }

  @Test
  void everyBuildsShareIsRead() {
    String text =
        SMALL
            + """
            SERVER_HOSTNAME: registry.example.org:5000
            PREFERRED_URL_SCHEME: http
            BUILDMAN:
              BUILD_ARGS: {PROXY: x}
              REGISTRY_AUTH: {"other.example.org:443": {USERNAME: u, PASSWORD: p}}
              INSECURE_REGISTRIES: ["127.0.0.1:5000"]
            """;
    BuildDefaults builds = read(text).orThrow().work().builds();
    assertThat(builds.buildArgs()).isEqualTo(Map.of("PROXY", "x"));
    assertThat(builds.registryAuth())
        .isEqualTo(Map.of("other.example.org:443", new Credentials("u", Secret.of("p"))));
    assertThat(builds.insecureRegistries())
        .containsExactly("127.0.0.1:5000", "registry.example.org:5000");
  }

  @Test
  void whatQuaysAgentCannotDoForEveryBuildIsWarnedOf() {
    String additions =
        """
        SERVER_HOSTNAME: registry.example.org
        BUILDMAN:
          NO_CACHE: true
          BUILD_ARGS: {PROXY: x}
          REGISTRY_AUTH: {registry.example.org: {USERNAME: u, PASSWORD: p}}
        """;
    String quays = SMALL + "    AGENT: quay\n" + additions;
    assertThat(read(SMALL + "    AGENT: ours\n" + additions).warnings()).isEmpty();
    assertThat(read(quays).warnings())
        .as("credentials of the registry that is pushed to have their place in Quay's fields")
        .hasSize(2)
        .allSatisfy(warning -> assertThat(warning.toString()).contains("popen", "AGENT: ours"))
        .anySatisfy(warning -> assertThat(warning.toString()).contains("BUILDMAN.BUILD_ARGS"))
        .anySatisfy(warning -> assertThat(warning.toString()).contains("BUILDMAN.NO_CACHE"));
    assertThat(read(quays.replace("{registry.", "{other.")).warnings())
        .anySatisfy(warning -> assertThat(warning.toString()).contains("BUILDMAN.REGISTRY_AUTH"));
  }

  @Test
  void theInstallationsNameIsDerivedFromWhatAgentsDialAndThePrefix() {
    String named = "BUILDMAN_HOSTNAME: a.example.org\n" + SMALL;
    String first = read(named).orThrow().identity().installation();
    assertThat(first).matches("[0-9a-f]{12}");
    assertThat(read(named + "  ORCHESTRATOR_PREFIX: x\n").orThrow().identity().installation())
        .isNotEqualTo(first);
    assertThat(read(named).orThrow().identity().dialled())
        .isEqualTo(new HostPort("a.example.org", 55_443));
  }

  @Test
  void noTextFormShowsASecret() {
    String text =
        SMALL.replace("a-secret-that-is-long-enough", "canary-canary-canary")
            + """
              ORCHESTRATOR: {REDIS_PASSWORD: canary}
            BUILDMAN: {API_TOKEN: canary-canary-canary, REGISTRY_AUTH: {q: {USERNAME: u, PASSWORD: canary}}}
            """;
    Settings settings = read(text).orThrow();
    assertThat(settings.toString() + settings.reloadable()).doesNotContain("canary");
  }

  @ParameterizedTest
  @CsvSource({
    "BUILD_MANAGER[1].ALLOWED_WORKER_COUNT,true",
    "BUILDMAN.BUILDS_PER_REPOSITORY,true",
    "BUILDMAN.BUILDS_PER_NAMESPACE,true",
    "BUILDMAN.API_TOKEN,true",
    "BUILDMAN.API_TOKEN[1],true",
    "BUILDMAN.API_TOKEN_FILE,true",
    "BUILDMAN.API_TOKEN_FILE (text),true",
    "BUILDMAN.LOG_LEVEL,true",
    "BUILDMAN.LEASE,false",
    "SECRET_KEY,false",
  })
  void whatMayChangeWhileRunning(String path, boolean live) {
    assertThat(Reloadable.covers(path)).isEqualTo(live);
  }

  private static ConfigResult<Settings> read(String text) {
    return new ConfigReader(Map.of())
        .readText("c.yaml", text, Path.of("/nowhere"), top -> Settings.parse(top, PLACES));
  }

  private static List<String> problems(String text) {
    return switch (read(text)) {
      case ConfigResult.Valid<Settings> _ -> List.of();
      case ConfigResult.Invalid<Settings> invalid ->
          invalid.problems().stream().map(Problem::toString).toList();
    };
  }

  private static String resource(String name) {
    try (InputStream in =
        Optional.ofNullable(SettingsTest.class.getResourceAsStream("/config/" + name))
            .orElseThrow()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
