package dev.buildman.cli;

import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.buildlogs.LogEntry;
import dev.buildman.cli.CliRun.Ran;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.job.Heartbeat;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.orchestrator.queue.BuildFilter;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
@Timeout(60)
class CommandsIT {

  private static final String GIT = "https://git.example/app.git";

  @TempDir Path folder;
  private TestOrchestrator all;
  private TestClients clients;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(1);
    clients = new TestClients(all, folder.resolve("sources"));
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void psShowsWhatWaitsAndWhy() {
    String first = build("acme/app");
    String second = build("acme/app");
    all.launched();
    all.advance(Duration.ofSeconds(65));
    Ran ran = run("ps");
    assertThat(ran.status()).isZero();
    assertThat(ran.out())
        .isEqualTo(
            """
            ID        REPOSITORY  PHASE            AGE    ATTEMPT  WHY
            %s  acme/app    waiting          1m05s  0        Another build of the same repository goes first.
            %s  acme/app    build-scheduled  1m05s  1        A worker was started.
            """
                .formatted(second.substring(0, 8), first.substring(0, 8)));
  }

  @Test
  void psIsQuietOrJsonForScripts() throws IOException {
    String id = build("acme/app");
    assertThat(run("ps", "-q").out()).isEqualTo(id + "\n");
    JsonNode json = new ObjectMapper().readTree(run("ps", "--json").out());
    assertThat(json.path("id").asText()).isEqualTo(id);
    assertThat(json.path("phase").asText()).isEqualTo("waiting");
    assertThat(json.path("queue_position").asInt()).isOne();
    assertThat(json.has("worker") && json.path("worker").isNull()).isTrue();
    assertThat(json.path("enqueued_at").asText()).isEqualTo("2026-01-01T00:01:40Z");
  }

  @Test
  void psHidesWhatHasEndedUntilAsked() {
    String id = build("acme/app");
    assertThat(run("cancel", id).out()).isEqualTo(id + " cancelled\n");
    Ran alive = run("ps");
    assertThat(alive.out()).isEmpty();
    assertThat(alive.err()).contains("ps -a");
    assertThat(run("ps", "-a", "-q").out()).isEqualTo(id + "\n");
    assertThat(run("ps", "-q", "--phase", "cancelled").out()).isEqualTo(id + "\n");
  }

  @Test
  void showTellsTheWholeStoryAndWhatToDo() {
    String id = build("acme/app");
    SessionRef session = all.in(Phase.BUILDING);
    all.advance(Duration.ofSeconds(5));
    EndNote note = new EndNote(Ending.USER_FAILURE, Reason.BUILD_FAILED, "Step 3 ended with 2.");
    TestOrchestrator.sure(
        all.finishPhase.run(new SetPhase.Step(session, 2, MANAGER), note, BuildResult.UNKNOWN));
    assertThat(run("show", id.substring(0, 6)).out())
        .isEqualTo(
            """
            id            %s
            image         registry.example:5000/acme/app:latest
            source        https://git.example/app.git
            phase         error after 5s
            reason        BUILD_FAILED: Step 3 ended with 2.
            attempt       1 (3 tries left)

            AFTER   ATTEMPT  EXECUTOR  REASON
            0.000s  -        -         ENQUEUED         The build was enqueued.
            0.000s  1        first     ATTEMPT_STARTED  A worker is being started.
            0.000s  1        first     LAUNCHED         A worker was started.
            0.000s  1        first     REGISTERED       The agent in the worker registered.
            0.000s  1        first     PHASE_CHANGED    Phase building.
            5.000s  1        first     BUILD_FAILED     Step 3 ended with 2.

            The log says which step failed: 'buildman logs %s'.
            """
                .formatted(id, id.substring(0, 8)));
  }

  @Test
  void buildInAPipeIsPlainLinesAndTheStatusIsTheBuilds() throws Exception {
    CompletableFuture<Ran> running =
        CompletableFuture.supplyAsync(() -> run("build", "-t", "acme/app", GIT));
    BuildId id = enqueued();
    SessionRef session = all.registered();
    clients.note(id, LogEntry.line("STEP 1/1: FROM scratch\n", LogEntry.Type.COMMAND, all.now()));
    clients.log(id, "a line\n", "half", " a line");
    all.to(session, 1, Phase.PUSHING);
    complete(session, 2);
    Ran ran = running.get();
    assertThat(ran.status()).isZero();
    assertThat(ran.out()).isEqualTo("STEP 1/1: FROM scratch\na line\nhalf a line\n");
    assertThat(ran.err())
        .startsWith("build " + id + "\n")
        .endsWith("complete in 0s: registry.example:5000/acme/app:latest@sha256:2\n")
        .doesNotContain("\u001b", "\r");
  }

  @Test
  void buildOnATerminalKeepsOneLiveLine() throws Exception {
    CliRun cli = cli().live();
    CompletableFuture<Ran> running =
        CompletableFuture.supplyAsync(() -> cli.run("build", "-t", "acme/app", GIT));
    BuildId id = enqueued();
    await().until(() -> cli.errSoFar().contains("waiting"));
    SessionRef session = all.registered();
    all.to(session, 1, Phase.PUSHING);
    clients.log(id, "a line\n");
    complete(session, 2);
    Ran ran = running.get();
    assertThat(ran.err()).contains("\r\u001b[K", "complete in");
    assertThat(ran.err().split("\n", -1))
        .as("the live line is overwritten, not repeated in lines of its own")
        .filteredOn(line -> line.contains("waiting"))
        .hasSize(1);
    assertThat(ran.out()).isEqualTo("a line\n");
  }

  @Test
  void buildForScriptsIsJsonLinesThatEndWithTheResult() throws Exception {
    CompletableFuture<Ran> running =
        CompletableFuture.supplyAsync(() -> run("build", "--json", "-t", "acme/app", GIT));
    BuildId id = enqueued();
    clients.log(id, "a line\n");
    all.cancel.run(id, "", "");
    Ran ran = running.get();
    assertThat(ran.status()).isEqualTo(ExitCode.CANCELLED);
    assertThat(ran.err()).isEmpty();
    List<String> types = new ArrayList<>();
    JsonNode last = null;
    for (String line : ran.out().lines().toList()) {
      last = new ObjectMapper().readTree(line);
      types.add(last.path("type").asText());
    }
    assertThat(types).contains("build", "event", "log").endsWith("result");
    assertThat(last.path("phase").asText()).isEqualTo("cancelled");
    assertThat(last.path("id").asText()).isEqualTo(id.value());
  }

  @Test
  void aQuietBuildPrintsOnlyTheDigest() throws Exception {
    CompletableFuture<Ran> running =
        CompletableFuture.supplyAsync(() -> run("build", "-q", "-t", "acme/app", GIT));
    BuildId id = enqueued();
    SessionRef session = all.in(Phase.PUSHING);
    clients.log(id, "not shown\n");
    complete(session, 2);
    assertThat(running.get()).isEqualTo(new Ran(0, "sha256:2\n", ""));
  }

  @Test
  void aFolderIsPackedSentOnceAndBuilt() throws IOException {
    Path context = Files.createDirectories(folder.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY . /\n");
    Ran first = run("build", "-d", "-t", "acme/app", context.toString());
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.err()).contains("context: 1 entries", "sent");
    assertThat(run("build", "-d", "-t", "acme/app", context.toString()).err())
        .contains("there already");
    JsonNode shown = new ObjectMapper().readTree(run("show", "--json", first.out().strip()).out());
    assertThat(shown.path("source").asText()).startsWith("sha256:");
  }

  @Test
  void aFolderWithoutADockerfileIsRefusedBeforeAnythingIsSent() {
    Ran ran = run("build", "-t", "acme/app", folder.toString());
    assertThat(ran.status()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains("there is no 'Dockerfile' in").contains("--file");
    Ran outside = run("build", "-t", "acme/app", "-f", "../Dockerfile", folder.toString());
    assertThat(outside.err()).contains("is not in the folder");
  }

  @Test
  void aDockerfileOnStandardInputIsABuildWithoutAContext() throws IOException {
    Ran ran = cli().input("FROM scratch\n").run("build", "-d", "-t", "acme/app", "-");
    assertThat(ran.status()).as(ran.err()).isZero();
    JsonNode shown = new ObjectMapper().readTree(run("show", "--json", ran.out().strip()).out());
    assertThat(shown.path("source").asText()).isEqualTo("inline");
  }

  @Test
  void whatIsAskedOfTheEngineIsSentAndItsFaultsAreToldByTheOptions(@TempDir Path files)
      throws Exception {
    Path key = Files.writeString(files.resolve("key"), "no key");
    Path secret = Files.writeString(files.resolve("netrc"), "canary");
    Ran ran =
        run(
            "build",
            "-t",
            "acme/app",
            "--platform=linux/arm64,nonsense",
            "--ssh=default=" + key,
            "--secret=id=a b,src=" + secret,
            "--cache-from=type=registry,ref=acme/cache",
            "--cache-to=ACME",
            "--run-cpus=0.001",
            "--run-memory=1k",
            GIT);
    assertThat(ran.status()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err())
        .contains("--platform: a platform is", "--ssh[default]: ", "--secret: an id is")
        .contains("--cache-to: a cache is", "--run-cpus: at least", "--run-memory: at least")
        .doesNotContain("canary", "--cache-from");
    assertThat(run("build", "-t", "acme/app", "--secret=none", GIT).err())
        .contains("--secret: 'none' is not NAME=VALUE");
    assertThat(run("build", "-t", "acme/app", "--ssh=default", GIT).err())
        .contains("cannot reach your SSH agent");
  }

  @Test
  void faultsAreToldByTheOptionsThatWereTyped() {
    Ran ran = run("build", "-t", "acme/App:-bad", "--build-arg", "1X=1", "--priority", "900", GIT);
    assertThat(ran.status()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err().lines())
        .hasSize(4)
        .anySatisfy(line -> assertThat(line).startsWith("buildman: --tag: repository name"))
        .anySatisfy(line -> assertThat(line).startsWith("buildman: --build-arg[1X]: "))
        .anySatisfy(line -> assertThat(line).startsWith("buildman: --priority: "));
  }

  @Test
  void aFullQueueIsStatusFiveWithTheLimit() {
    all.limits(all.limits().with(new Limits.Capacity(1, 1, 0, 1)));
    build("acme/app");
    Ran ran = run("build", "-d", "-t", "acme/other", GIT);
    assertThat(ran.status()).isEqualTo(ExitCode.REFUSED);
    assertThat(ran.err()).contains("the queue is full").contains("MAX_QUEUED is 1");
  }

  @Test
  void showAndJsonTellWhatABuildUsesAndWhatItUsedAtMost() throws Exception {
    String id = build("acme/app");
    SessionRef session = all.in(Phase.PUSHING);
    all.heartbeat
        .runAsync(List.of(new Heartbeat.Beat(session, new Usage(250, 3_000_000, 0))), MANAGER)
        .toCompletableFuture()
        .get();
    assertThat(run("show", id).out()).contains("uses          0.3 cores, 3.0 MB memory\n");
    complete(session, 2);
    assertThat(run("show", id).out())
        .contains("peak          1.5 cores, 67.1 MB memory, 1.1 GB disk\n");
    JsonNode json = new ObjectMapper().readTree(run("show", "--json", id).out());
    assertThat(json.at("/result/peak/memory_bytes").asLong()).isEqualTo(64 << 20);
  }

  @Test
  void logsPrintsWhatIsThereAndFollowingTakesTheBuildsStatus() {
    String id = build("acme/app");
    clients.log(new BuildId(id), "one\n", "two\n", "three");
    assertThat(run("logs", id).out()).isEqualTo("one\ntwo\nthree\n");
    assertThat(run("logs", "--from", "1", id).out()).isEqualTo("two\nthree\n");
    assertThat(run("logs", "--json", "--from", "2", id).out())
        .contains("\"index\":2", "\"message\":\"three\"", "\"kind\":\"\"");
    run("cancel", id);
    Ran followed = run("logs", "-f", id);
    assertThat(followed.out()).isEqualTo("one\ntwo\nthree\n");
    assertThat(followed.status()).isEqualTo(ExitCode.CANCELLED);
  }

  @Test
  void retryOfARunningBuildIsRefusedAndOfAnEndedOneIsANewBuild() throws IOException {
    String id = build("acme/app");
    Ran early = run("retry", "-d", id);
    assertThat(early.status()).isEqualTo(ExitCode.REFUSED);
    assertThat(early.err()).contains("has not ended (waiting)");
    run("cancel", id, "--reason", "newer commit", "--by", "alice");
    Ran retried = run("retry", "-d", id);
    assertThat(retried.status()).as(retried.err()).isZero();
    JsonNode shown =
        new ObjectMapper().readTree(run("show", "--json", retried.out().strip()).out());
    assertThat(shown.path("retry_of").asText()).isEqualTo(id);
  }

  @Test
  void anUnknownBuildAndAWrongTokenAreStatusFive() {
    Ran unknown = run("show", "00000000-0000-4000-8000-000000000000");
    assertThat(unknown.status()).isEqualTo(ExitCode.REFUSED);
    assertThat(unknown.err()).contains("there is no build").contains("'buildman ps -a'");
    clients.tokens("right");
    Ran none = run("ps");
    assertThat(none.status()).isEqualTo(ExitCode.REFUSED);
    assertThat(none.err()).contains("BUILDMAN_API_TOKEN");
    assertThat(cli().with("BUILDMAN_API_TOKEN", "right").run("ps").status()).isZero();
  }

  private CliRun cli() {
    return new CliRun().server(clients.address()).clock(all::now);
  }

  private Ran run(String... arguments) {
    return cli().run(arguments);
  }

  private String build(String repository) {
    Ran ran = run("build", "-d", "-t", repository, GIT);
    assertThat(ran.status()).as(ran.err()).isZero();
    return ran.out().strip();
  }

  /** The build that a command in another thread has asked for. */
  private BuildId enqueued() {
    return await()
        .until(
            () -> all.builds.list(BuildFilter.ALL, OptionalLong.empty(), 1).builds(),
            builds -> !builds.isEmpty())
        .getFirst()
        .id();
  }

  private void complete(SessionRef session, int sequence) {
    BuildResult result =
        new BuildResult(
            "sha256:1", List.of("sha256:2"), 42, "", new Usage(1500, 64 << 20, 1 << 30));
    TestOrchestrator.sure(
        all.finishPhase.run(
            new SetPhase.Step(session, sequence, MANAGER), EndNote.of(Ending.COMPLETED), result));
    clients.finishLog(session);
  }
}
