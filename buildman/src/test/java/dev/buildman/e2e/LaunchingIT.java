package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a build while its worker is being launched, at each step of the launch. */
@RedisTest
class LaunchingIT {
  /** From the cancel to the last process of the worker gone, on a busy machine of two cores. */
  private static final Duration PROMPT = Duration.ofSeconds(15);

  @TempDir private Path folder;

  /** D5, D6: the phase at once, wherever the launch stands; the worker as soon as it is there. */
  @Test
  void aCancelEndsABuildAtEachStepOfItsLaunch(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      HeldAgents agents = new HeldAgents(folder);
      Map<String, String> settings = new HashMap<>(agents.settings());
      settings.put("BUILDMAN.TERMINATION_HOLD", "5s");
      ManagerProcess manager = site.manager(settings, ManagerProcess.DEBUGGED);
      try (BuildsClient client = manager.client();
          Debugger debugger = manager.debugger()) {
        steps.pushBase(client);
        Map<WalkStops, Debugger.Stop> stops = new EnumMap<>(WalkStops.class);
        Map<WalkStops, String> builds = new EnumMap<>(WalkStops.class);
        for (WalkStops step : WalkStops.values()) {
          String id = Steps.newId();
          agents.hold(id);
          stops.put(step, step.of(debugger, id));
          builds.put(step, id);
          Steps.enqueue(client, id, steps.spec("acme/at-" + step.ordinal()));
        }
        String launched = Steps.newId();
        agents.hold(launched);
        Steps.enqueue(client, launched, steps.spec("acme/launched"));
        stops.values().forEach(Debugger.Stop::awaitReached);
        Watching.awaitEvent(client, launched, "LAUNCHED");

        for (String id : builds.values()) {
          assertCancelled(client, id);
        }
        assertCancelled(client, launched);
        stops.values().forEach(Debugger.Stop::release);
        Awaitility.await("the workers are gone, those too that were started after the cancel")
            .atMost(PROMPT)
            .during(Duration.ofSeconds(2))
            .until(() -> WorkerProcesses.of(site).all().isEmpty());

        assertThat(manager.log()).contains("worker stopped, its attempt has ended");
        for (Map.Entry<WalkStops, String> one : builds.entrySet()) {
          agents.release(one.getValue());
          assertThat(client.getBuild(one.getValue()).getPhase())
              .as("%s", one.getKey())
              .isEqualTo(Phase.PHASE_CANCELLED);
          assertThat(site.tagStatus("acme/at-" + one.getKey().ordinal())).isEqualTo(404);
        }
        Awaitility.await("its slot is free again")
            .atMost(PROMPT)
            .until(() -> client.getStatus().getSlotsHeld() == 0);
      }
    }
  }

  private static void assertCancelled(BuildsClient client, String id) {
    Build cancelled =
        client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(id).setBy("joe").build());
    assertThat(cancelled.getPhase()).as("%s", cancelled).isEqualTo(Phase.PHASE_CANCELLED);
    assertThat(cancelled.getReason()).isEqualTo("CANCELLED");
  }

  /**
   * 1. A manager is stopped (SIGSTOP) after it was answered the intent and before it starts the
   * process. 2. Another one gives the attempt up, and its own worker builds. 3. The first goes on
   * and starts its worker, far too late: that one gets no session, pushes nothing and goes. Once
   * the manager may stop it itself; once it dies right after the start, so that nobody remembers.
   */
  @Test
  void theLateWorkerOfAManagerThatWasStoppedIsGoneInTheEnd(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      Map<String, String> settings =
          Map.of(
              "JOB_REGISTRATION_TIMEOUT", "6s",
              "BUILDMAN.LEASE", "6s",
              "BUILDMAN.TERMINATION_HOLD", "2s");
      ManagerProcess first = site.manager(settings, ManagerProcess.DEBUGGED);
      ManagerProcess second = site.manager(settings);
      String remembered = Steps.newId();
      String forgotten = Steps.newId();
      try (BuildsClient client = second.client();
          Debugger debugger = first.debugger()) {
        steps.pushBase(client);
        second.pause();
        Debugger.Stop one = WalkStops.INTENDED.of(debugger, remembered);
        Debugger.Stop two = WalkStops.INTENDED.of(debugger, forgotten);
        Debugger.Stop started =
            debugger.stopAt(
                "dev.buildman.executor.popen.PopenExecutor", "started", forgotten.replace("-", ""));
        try (BuildsClient firsts = first.client()) {
          Steps.enqueue(firsts, remembered, steps.spec("acme/remembered"));
          Steps.enqueue(firsts, forgotten, steps.spec("acme/forgotten"));
        }
        one.awaitReached();
        two.awaitReached();
        first.pause();
        site.balancer().removeTarget(first.ports().agents());
        second.resume();

        assertSecondAttemptCompletes(client, remembered);
        assertSecondAttemptCompletes(client, forgotten);

        first.resume();
        for (String id : new String[] {remembered, forgotten}) {
          Awaitility.await("it finds that the time for its launch is over")
              .until(() -> first.log().contains("launch without an answer: attempt=" + id));
        }
        one.release();
        Awaitility.await("its manager stops it itself")
            .atMost(PROMPT)
            .until(() -> first.log().contains("launch came too late"));
        two.release();
        started.awaitReached();
        first.kill();
      }
      try (BuildsClient client = second.client()) {
        Awaitility.await("the late workers are gone")
            .atMost(Duration.ofSeconds(30))
            .during(Duration.ofSeconds(2))
            .until(() -> WorkerProcesses.of(site).all().isEmpty());
        for (String id : new String[] {remembered, forgotten}) {
          Watching watching = new Watching();
          assertThat(watching.follow(client, id).getAttempt()).isEqualTo(2);
          assertThat(watching.reasons()).containsOnlyOnce("REGISTERED", "COMPLETED");
        }
        assertThat(client.getStatus().getSlotsHeld()).isZero();
      }
    }
  }

  private static void assertSecondAttemptCompletes(BuildsClient client, String id)
      throws Exception {
    Watching watching = new Watching();
    Build ended = watching.follow(client, id);
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(2);
    assertThat(ended.getTriesLeft()).as("an unknown launch costs no try").isEqualTo(3);
    assertThat(watching.reasons()).contains("LAUNCH_UNKNOWN");
  }
}
