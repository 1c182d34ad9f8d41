package dev.buildman.executor.popen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Sleeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class PopenExecutorIT extends ExecutorContract {
  private static final HostId HOST = new HostId("here");
  @TempDir private static Path folder;

  @Override
  protected Executor open(Installation installation) {
    return open(installation, HOST, false);
  }

  private static PopenExecutor open(Installation installation, HostId host, boolean tokenInEnv) {
    try {
      Path agent = folder.resolve("agent");
      if (!Files.exists(agent)) {
        Files.writeString(agent, "#!/bin/sh\neval \"$TEST_AGENT\"\n");
        Files.setPosixFilePermissions(agent, PosixFilePermissions.fromString("rwx------"));
      }
      return new PopenExecutor(
          settings(agent, tokenInEnv),
          installation,
          host,
          Sleeper.system(),
          InstantSource.system());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static PopenSettings settings(Path agent, boolean tokenInEnv) {
    ExecutorSettings ours = ExecutorSettings.defaults(new ExecutorName("popen"));
    ExecutorSettings common =
        new ExecutorSettings(
            ours.name(),
            ours.kind(),
            ours.setupTime(),
            ours.maxLifetime(),
            ours.choice(),
            ours.breaker(),
            tokenInEnv ? AgentKind.QUAY : AgentKind.OURS,
            tokenInEnv,
            Map.of(),
            Optional.empty());
    return new PopenSettings(common, agent, folder.resolve("workers"), Duration.ofMillis(500));
  }

  private static Path in(WorkerRequest request, String file) {
    return folder.resolve("workers/popen").resolve(request.name().value()).resolve(file);
  }

  @Test
  void aMissingProgramSurelyStartsNothing() {
    try (Executor without =
        new PopenExecutor(
            settings(folder.resolve("nowhere"), false),
            OURS,
            HOST,
            Sleeper.system(),
            InstantSource.system())) {
      assertThat(without.start(request("exit 0")))
          .isInstanceOfSatisfying(
              LaunchResult.SurelyNothing.class,
              nothing -> {
                assertThat(nothing.failure()).isEqualTo(FailureClass.UNREACHABLE);
                assertThat(nothing.sentence()).contains("nowhere", "BUILDER_BINARY_LOCATION");
              });
      assertThat(listed(without)).isEmpty();
    }
  }

  @Test
  void stopEndsTheWholeTreeAlsoWhatLeftTheSession() throws IOException {
    // One child in another session with the cookie, one whose environment was dropped, and one that
    // did both but still works in the worker's folder.
    WorkerRequest request =
        request(
            "setsid sleep 300 & env -i /bin/sleep 300 & "
                + "setsid env -i /bin/sh -c 'trap \"\" TERM; while :; do sleep 0.05; done' & wait");
    WorkerRef worker = started(request);
    await().untilAsserted(() -> assertThat(processesOf(request)).hasSizeGreaterThanOrEqualTo(6));
    List<Long> all = processesOf(request);

    executor.stop(worker);
    assertGone(executor, worker);

    assertThat(all).allSatisfy(pid -> assertThat(lives(pid)).isFalse());
    await().untilAsserted(() -> assertThat(in(request, "")).doesNotExist());
  }

  @Test
  void aWorkerIsPresentWhileAnyOfItsProcessesLives() {
    WorkerRequest request = request("setsid sleep 300 & exit 0");
    WorkerRef worker = started(request);

    toldExit(request.name());

    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
  }

  @Test
  void aLeaderKilledLeavesAnUnknownExit() throws IOException {
    WorkerRequest request = request("sleep 300");
    WorkerRef worker = started(request);
    await().until(() -> Files.exists(in(request, "stat")));
    long leader = leader(worker).pid();

    assertThat(ProcessHandle.of(leader).orElseThrow().destroyForcibly()).isTrue();

    assertThat(toldExit(request.name()).how().status()).isEmpty();
    executor.stop(worker);
    assertGone(executor, worker);
  }

  @Test
  void ourAgentGetsItsTokenInAFileThatOnlyItsUserReads() throws IOException {
    WorkerRequest request =
        request("printf %s \"$TOKEN_FILE\" >where; env >environment; sleep 300");
    started(request);
    await().until(() -> Files.exists(in(request, "work/environment")));
    await().until(() -> Files.readString(in(request, "work/environment")).contains("PWD="));

    Path token = Path.of(Files.readString(in(request, "work/where")));
    assertThat(token).hasContent(TOKEN.reveal());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
        .isEqualTo("rw-------");
    assertThat(in(request, "work/environment")).content().doesNotContain("canary");
  }

  @Test
  void quaysAgentGetsItsTokenInItsOwnEnvironmentOnly() throws IOException {
    try (PopenExecutor forQuay = open(OURS, HOST, true)) {
      WorkerRequest request = request("printf %s \"$TOKEN\" >token; touch done; sleep 300");
      WorkerRef worker = started(forQuay, request);
      await().until(() -> Files.exists(in(request, "work/done")));

      assertThat(in(request, "work/token")).hasContent(TOKEN.reveal());
      assertThat(in(request, "token")).doesNotExist();
      assertThat(environment(leader(worker).pid())).doesNotContain("canary");
    }
  }

  @Test
  void theManagersEnvironmentStaysWithTheManager() throws IOException {
    WorkerRequest request = request("env >environment; touch done; sleep 300");
    started(request);
    await().until(() -> Files.exists(in(request, "work/done")));

    List<String> names =
        Files.readAllLines(in(request, "work/environment")).stream()
            .map(line -> line.replaceFirst("=.*", ""))
            .toList();
    assertThat(names).contains("BUILD_UUID", "TOKEN_FILE", "EXECUTOR", "PATH", "TMPDIR");
    assertThat(names)
        .isSubsetOf(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LC_ALL",
            "TZ",
            "XDG_RUNTIME_DIR",
            "JAVA_HOME",
            "TEST_AGENT",
            "BUILD_UUID",
            "EXECUTOR",
            "TMPDIR",
            "TOKEN_FILE",
            "BUILDMAN_EXECUTION",
            "BUILDMAN_EXECUTOR",
            "BUILDMAN_REDIS",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_");
  }

  @Test
  void whatAFailedWorkerLeftIsKeptForAWhileWithoutItsToken() {
    PopenSettings plain = settings(folder.resolve("agent"), false);
    PopenSettings debug =
        new PopenSettings(
            plain.common().withKeepFailed(Duration.ofSeconds(2)),
            plain.binary(),
            plain.workDirectory(),
            plain.grace());
    try (Executor debugging =
        new PopenExecutor(debug, OURS, HOST, Sleeper.system(), InstantSource.system())) {
      WorkerRequest failing = request("echo why; exit 1");
      WorkerRequest fine = request("exit 0");
      Path kept = folder.resolve("workers/popen/kept");
      endAndStop(debugging, failing);
      endAndStop(debugging, fine);

      assertThat(kept.resolve(failing.name().value()).resolve("output")).hasContent("why");
      assertThat(kept.resolve(failing.name().value()).resolve("token")).doesNotExist();
      assertThat(kept.resolve(fine.name().value())).doesNotExist();
      assertThat(listed(debugging)).isEmpty();

      await()
          .untilAsserted(
              () -> {
                endAndStop(debugging, request("exit 0"));
                assertThat(kept).isEmptyDirectory();
              });
    }
  }

  private static void endAndStop(Executor executor, WorkerRequest request) {
    WorkerRef worker = started(executor, request);
    assertGone(executor, worker);
    executor.stop(worker);
  }

  @Test
  void anotherHostsWorkerIsUnknown() {
    WorkerRef worker = started(request("sleep 300"));

    try (PopenExecutor elsewhere = open(OURS, new HostId("there"), false)) {
      assertThat(elsewhere.confirmGone(worker)).isInstanceOf(Presence.Unknown.class);
    }
    assertThat(executor.confirmGone(worker)).isInstanceOf(Presence.Present.class);
  }

  @Test
  void aLaterProcessWithTheSamePidIsNotTheWorker() {
    long pid = ProcessHandle.current().pid();
    WorkerRef old =
        new WorkerRef(
            request("exit 0").name(), Optional.of(new LocalId(HOST, pid, 1).toExecutionId()));

    executor.stop(old);

    assertThat(executor.confirmGone(old)).isInstanceOf(Presence.Gone.class);
  }

  @Test
  void workersOutliveTheirManagersDeath() throws Exception {
    WorkerRequest request = request("sleep 1; echo still here; exit 6");
    Process manager =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                StartsOneWorker.class.getName(),
                folder.toString(),
                request.attempt().toString(),
                request.name().value(),
                request.environment().get("TEST_AGENT"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("manager.log").toFile())
            .start();
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(in(request, "stat")));

    manager.destroyForcibly().waitFor();

    assertThat(toldExit(request.name()).how().status()).hasValue(6);
    assertThat(toldExit(request.name()).lastLines()).containsExactly("still here");
  }

  /** A manager that starts one worker and then only lives. */
  static final class StartsOneWorker {
    private StartsOneWorker() {}

    public static void main(String[] args) throws InterruptedException {
      folder = Path.of(args[0]);
      WorkerRequest model = request(args[3]);
      PopenExecutor executor = open(OURS, HOST, false);
      LaunchResult result =
          executor.start(
              new WorkerRequest(
                  AttemptId.parse(args[1]),
                  new ExecutionName(args[2]),
                  OURS,
                  TOKEN,
                  model.environment(),
                  model.maxLifetime()));
      assertThat(result).isInstanceOf(LaunchResult.Started.class);
      Thread.currentThread().join();
    }
  }

  private static LocalId leader(WorkerRef worker) {
    return LocalId.parse(worker.id().orElseThrow()).orElseThrow();
  }

  private static List<Long> processesOf(WorkerRequest request) throws IOException {
    Workers workers = new Workers(new ExecutorName("popen"), OURS, HOST, folder.resolve("workers"));
    return workers.processes(WorkerRef.of(request.name())).stream().map(ProcessStat::pid).toList();
  }

  private static boolean lives(long pid) {
    return new ProcessTable().read(pid).filter(ProcessStat::lives).isPresent();
  }

  private static String environment(long pid) {
    return String.join("\n", new ProcessTable().environment(pid));
  }
}
