package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.model.Secret;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.Credentials;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** D14: canaries in every secret place of a build and of the configuration are found nowhere. */
@RedisTest
class SecretsIT {
  private static final List<String> CANARIES =
      List.of(
          "canary-push-password",
          "canary-base-password",
          "canary-git-token",
          "canary-url-signature",
          "canary-build-secret",
          "canary-ssh-key",
          "canary-api-token",
          "canary-registry-password",
          "a-secret-key-of-an-end-to-end-test",
          // How every token of ours begins.
          "eyJhbGci",
          "eyJraWQi");

  private static final String API_TOKEN = "canary-api-token-of-a-test";

  @TempDir private Path folder;

  @Test
  void aWholeRunLeavesNoSecretAnywhere(OwnRedis redis) throws Exception {
    StringBuilder seen = new StringBuilder();
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(settings());
        BuildsClient client = manager.client(Secret.of(API_TOKEN))) {
      steps.pushBase(client);
      steps.gate(Hold.PUSHING).shut();
      Build good = Steps.enqueue(client, withCredentials(steps));
      Build bad = Steps.enqueue(client, fromGit(steps));
      Build secretive = Steps.enqueue(client, withSecrets(steps));
      Watching.awaitPhase(client, good.getId(), Phase.PHASE_PUSHING);
      Awaitility.await().until(steps.gate(Hold.PUSHING)::isWaitedAt);
      look(seen, "processes", processes(site));
      steps.gate(Hold.PUSHING).open();

      for (Build build : List.of(good, bad, secretive)) {
        Watching watching = new Watching();
        Build ended = watching.follow(client, build.getId());
        look(seen, "answers", ended.toString());
        look(seen, "log", watching.log());
        look(
            seen,
            "events",
            watching.events().stream().map(Event::toString).collect(Collectors.joining()));
      }
      assertThat(client.getBuild(good.getId()).getPhase()).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(client.getBuild(bad.getId()).getPhase()).isEqualTo(Phase.PHASE_ERROR);
      Watching.awaitNothingLeft(client, site);
      look(seen, "manager's log", manager.log());
      look(seen, "status", client.getStatus().toString());
      look(seen, "metrics", metrics(manager));
      for (List<String> command : commands(good.getId())) {
        look(seen, "output of " + command, run(manager, command));
      }
      redis.raw().save();
      look(seen, "Redis", filesBelow(redis.process().folder()));
    }
    // The check itself must be able to fail: what is no secret is found.
    assertThat(seen).contains("acme/with-credentials", "buildman_builds_ended", "EXECUTOR");
  }

  private static Map<String, String> settings() {
    return Map.of(
        "BUILDMAN.TRIES",
        "1",
        "BUILDMAN.LOG_LEVEL",
        "DEBUG",
        "BUILDMAN.API_TOKEN",
        API_TOKEN,
        "BUILDMAN.REGISTRY_AUTH",
        "{other.example: {USERNAME: reader, PASSWORD: canary-registry-password}}");
  }

  private static String metrics(ManagerProcess manager) throws Exception {
    URI page = URI.create("http://127.0.0.1:" + manager.ports().metrics() + "/metrics");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static List<List<String>> commands(String id) {
    return List.of(
        List.of("ps", "--all"),
        List.of("ps", "--all", "--json"),
        List.of("show", id),
        List.of("show", "--json", id),
        List.of("logs", id),
        List.of("status"),
        List.of("status", "--json"));
  }

  /** What a command of the distribution prints, on both streams, when it logs all it can. */
  private String run(ManagerProcess manager, List<String> command) throws Exception {
    Path token = folder.resolve("api-token");
    Files.writeString(token, API_TOKEN);
    List<String> line = new ArrayList<>();
    line.add(Path.of("..", "target", "dist", "buildman", "bin", "buildman").toString());
    line.addAll(command);
    line.addAll(
        List.of(
            "--server",
            "http://127.0.0.1:" + manager.ports().clients(),
            "--token-file",
            token.toString()));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("LOG_LEVEL", "DEBUG");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    return output;
  }

  private static void look(StringBuilder seen, String where, String text) {
    for (String canary : CANARIES) {
      assertThat(text.contains(canary)).as("%s in %s", canary, where).isFalse();
    }
    seen.append(text);
  }

  private static BuildSpec withCredentials(Steps steps) {
    Credentials push =
        Credentials.newBuilder().setUsername("pusher").setPassword("canary-push-password").build();
    Credentials base =
        Credentials.newBuilder().setUsername("puller").setPassword("canary-base-password").build();
    return BuildSpec.newBuilder()
        .setRepository("acme/with-credentials")
        .setRegistry(steps.registry())
        .setPackageUrl(
            "http://"
                + steps.gate(Hold.UNPACKING).address()
                + "/source.tar.gz?sig=canary-url-signature")
        .setPushCredentials(push)
        .putBaseImageCredentials(steps.gate(Hold.PULLING).address(), base)
        .build();
  }

  private static BuildSpec fromGit(Steps steps) {
    return BuildSpec.newBuilder()
        .setRepository("acme/from-git")
        .setRegistry(steps.registry())
        .setGit(
            GitSource.newBuilder()
                .setUrl(
                    "http://" + steps.gate(Hold.UNPACKING).address() + "/no-such-repository.git")
                .setToken("canary-git-token"))
        .build();
  }

  private static BuildSpec withSecrets(Steps steps) {
    return BuildSpec.newBuilder()
        .setRepository("acme/with-secrets")
        .setRegistry(steps.registry())
        .setInlineDockerfile("FROM scratch\n")
        .putSecrets("npm", ByteString.copyFromUtf8("canary-build-secret"))
        .putSshKeys(
            "default",
            ByteString.copyFromUtf8(
                "-----BEGIN OPENSSH PRIVATE KEY-----\n"
                    + "canary-ssh-key\n"
                    + "-----END OPENSSH PRIVATE KEY-----\n"))
        .build();
  }

  /** Command lines and environments of all processes but the workers themselves and this test. */
  private static String processes(Site site) throws IOException {
    List<Long> workers = WorkerProcesses.of(site).all().stream().map(ProcessHandle::pid).toList();
    assertThat(workers).isNotEmpty();
    StringBuilder text = new StringBuilder();
    List<ProcessHandle> others =
        ProcessHandle.allProcesses()
            .filter(process -> process.pid() != ProcessHandle.current().pid())
            .filter(process -> !isWorker(process))
            .toList();
    for (ProcessHandle process : others) {
      for (String file : List.of("cmdline", "environ")) {
        text.append(readOrNothing(Path.of("/proc", Long.toString(process.pid()), file)));
      }
    }
    for (long worker : workers) {
      text.append(readOrNothing(Path.of("/proc", Long.toString(worker), "cmdline")));
    }
    return text.toString();
  }

  /** Also one of another test that runs at the same time. */
  private static boolean isWorker(ProcessHandle process) {
    return readOrNothing(Path.of("/proc", Long.toString(process.pid()), "environ"))
        .contains("BUILDMAN_EXECUTION=");
  }

  private static String filesBelow(Path root) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        text.append(readOrNothing(file));
      }
    }
    return text.toString();
  }

  private static String readOrNothing(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // a process that ended meanwhile, or another user's
    }
  }
}
