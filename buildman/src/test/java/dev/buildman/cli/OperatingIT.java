package dev.buildman.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.cli.CliRun.Ran;
import dev.buildman.model.Ending;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.events.ExecutorCondition;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.Presence;
import dev.buildman.orchestrator.job.ExecutorSwitch;
import dev.buildman.testing.clients.TestClients;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators see of workers and executors, and how they switch these. */
@RedisTest
class OperatingIT {
  @TempDir Path folder;
  private TestOrchestrator all;
  private TestClients clients;

  @BeforeEach
  void start(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    clients = new TestClients(all, folder.resolve("sources"));
  }

  @AfterEach
  void stop() {
    clients.close();
  }

  @Test
  void workersAreListedWithBuildAgeAndState() {
    String first = all.enqueued("acme/first").value();
    SessionRef ended = all.registered();
    all.finishExit.run(
        TestOrchestrator.job(ended),
        TestOrchestrator.EXECUTOR,
        EndNote.of(Ending.WORKER_GONE),
        Optional.empty(),
        false);
    all.dutyPostponed.run(
        TestOrchestrator.job(ended), Duration.ofSeconds(5), 1, "its executor still sees it");
    all.advance(Duration.ofSeconds(30));
    String second = all.enqueued("acme/second").value();
    all.registered();
    all.advance(Duration.ofSeconds(40));
    String third = all.enqueued("acme/third").value();
    all.launched();
    all.advance(Duration.ofSeconds(5));

    assertThat(run("workers").out())
        .isEqualTo(
            """
            BUILD     ATTEMPT  EXECUTOR  STATE     PHASE            AGE    WORKER
            %s  1        first     ending    -                1m15s  id-1    its executor still sees it
            %s  1        first     silent    build-scheduled  45s    id-1
            %s  1        first     starting  build-scheduled  5s     id-1
            """
                .formatted(cut(first), cut(second), cut(third)));
    assertThat(run("workers", "--executor", "elsewhere").err()).contains("No worker");
  }

  @Test
  void workersAndDutiesAreReadByScripts() throws IOException {
    String build = all.enqueued("acme/first").value();
    SessionRef ended = all.registered();
    JsonNode running = json(run("workers", "--json"));
    assertThat(running.path("build_id").asText()).isEqualTo(build);
    assertThat(running.path("state").asText()).isEqualTo("running");
    assertThat(running.path("agent_version").asText()).isEqualTo("1.0");
    assertThat(running.path("last_beat_at").asText()).startsWith("2026-01-01T");

    all.finishExit.run(
        TestOrchestrator.job(ended),
        TestOrchestrator.EXECUTOR,
        EndNote.of(Ending.OUT_OF_MEMORY),
        Optional.empty(),
        false);
    all.dutyPostponed.run(
        TestOrchestrator.job(ended), Duration.ofSeconds(5), 3, "the API server did not answer");
    JsonNode duty = json(run("duties", "--json"));
    assertThat(duty.path("reason").asText()).isEqualTo("OOM_KILLED");
    assertThat(duty.path("tries").asInt()).isEqualTo(3);
    assertThat(duty.path("text").asText()).isEqualTo("the API server did not answer");
    assertThat(run("duties").out())
        .contains("OOM_KILLED")
        .contains("the API server did not answer");
    assertThat(json(run("workers", "--json")).path("phase").isNull()).isTrue();
  }

  @Test
  void noDutyIsGoodNews() {
    Ran ran = run("duties");

    assertThat(ran.status()).isZero();
    assertThat(ran.err()).contains("was seen gone");
  }

  @Test
  void anExecutorIsSwitchedOffForAllAndOnAgain() throws IOException {
    all.enqueued("acme/first");
    all.launched();
    Ran off = run("executor", "disable", "first", "--reason", "new nodes", "--by", "anna");

    assertThat(off.out())
        .isEqualTo("first takes no more builds; 1 workers run there to their end\n");
    assertThat(run("status").out()).contains("disabled (anna: new nodes)");
    // What another manager, or this one after a restart, reads.
    assertThat(new ExecutorSwitch(all.scripts).allOff()).containsOnlyKeys("first");
    assertThat(run("executor", "disable", "first", "--by", "bob").status()).isZero();
    JsonNode executor = json(run("status", "--json")).path("executors").path(0);
    assertThat(executor.path("disabled").asBoolean()).isTrue();
    assertThat(executor.path("disabled_text").asText()).as("the first stays").startsWith("anna");

    assertThat(run("executor", "enable", "first").out()).isEqualTo("first takes builds\n");
    assertThat(new ExecutorSwitch(all.scripts).allOff()).isEmpty();
    assertThat(run("status").out()).contains("closed");
  }

  @Test
  void anExecutorThatIsNotThereIsNamedWithThoseThatAre() {
    Ran ran = run("executor", "disable", "frist");

    assertThat(ran.status()).isEqualTo(ExitCode.REFUSED);
    assertThat(ran.err()).contains("there is no executor frist; there are: first");
    assertThat(run("executor").status()).isEqualTo(ExitCode.USAGE);
    assertThat(run("executor", "disable", "first", "--reason", "two\nlines").err())
        .contains("reason: at most 1000 characters, one line");
  }

  @Test
  void statusSaysWhatEachManagerSeesInTheWayOfAnExecutor() throws IOException {
    ManagerInfo manager =
        new ManagerInfo(new ManagerId("m1"), new HostId("h1"), "1.2.3", all.now(), false);
    new Presence(all.scripts)
        .run(
            manager.withExecutors(
                List.of(
                    new ExecutorCondition("first", "closed", ""),
                    new ExecutorCondition("kube", "open", "no right to create jobs"))),
            Duration.ofMinutes(5));
    assertThat(run("status").out())
        .contains(
            """
            IN THE WAY OF  SEEN BY  CIRCUIT
            kube           m1       open     no right to create jobs
            """)
        .doesNotContain("first          m1");
    JsonNode seen = json(run("status", "--json")).at("/managers/0/executors");
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).path("text").asText()).isEqualTo("no right to create jobs");
  }

  @Test
  void statusShowsCapacityAndWarnings() {
    all.allow(1).enqueued("acme/app");
    all.launched();
    assertThat(run("status").out())
        .isEqualTo(
            """
            installation  inst, 1.2.3
            workers       1 of 1
            waiting       0
            running       1

            EXECUTOR  KIND   WORKERS  MAXIMUM  CIRCUIT
            first     popen  1        4        closed

            MANAGER  HOST  VERSION  UP

            warning: Redis has no append-only file.
            """);
  }

  private static String cut(String id) {
    return id.substring(0, 8);
  }

  private static JsonNode json(Ran ran) throws IOException {
    assertThat(ran.status()).as(ran.err()).isZero();
    return new ObjectMapper().readTree(ran.out());
  }

  private Ran run(String... arguments) {
    return new CliRun().server(clients.address()).clock(all::now).run(arguments);
  }
}
