package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.Credentials;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.GitSource;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
          "a-secret-key-of-an-end-to-end-test");

  @TempDir private Path folder;

  @Test
  void aWholeRunLeavesNoSecretAnywhere(OwnRedis redis) throws Exception {
    StringBuilder seen = new StringBuilder();
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager =
            site.manager(Map.of("BUILDMAN.TRIES", "1", "BUILDMAN.LOG_LEVEL", "DEBUG"));
        BuildsClient client = manager.client()) {
      steps.pushBase(client);
      steps.gate(Hold.PUSHING).shut();
      Build good = Steps.enqueue(client, withCredentials(steps));
      Build bad = Steps.enqueue(client, fromGit(steps));
      Watching.awaitPhase(client, good.getId(), Phase.PHASE_PUSHING);
      Awaitility.await().until(steps.gate(Hold.PUSHING)::isWaitedAt);
      look(seen, "processes", processes(site));
      steps.gate(Hold.PUSHING).open();

      for (Build build : List.of(good, bad)) {
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
      redis.raw().save();
      look(seen, "Redis", filesBelow(redis.process().folder()));
    }
    // The check itself must be able to fail: what is no secret is found.
    assertThat(seen).contains("acme/with-credentials");
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

  /** Command lines and environments of all processes but the workers themselves and this test. */
  private static String processes(Site site) throws IOException {
    List<Long> workers = WorkerProcesses.of(site).all().stream().map(ProcessHandle::pid).toList();
    assertThat(workers).isNotEmpty();
    StringBuilder text = new StringBuilder();
    List<ProcessHandle> others =
        ProcessHandle.allProcesses()
            .filter(process -> process.pid() != ProcessHandle.current().pid())
            .filter(process -> !workers.contains(process.pid()))
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
