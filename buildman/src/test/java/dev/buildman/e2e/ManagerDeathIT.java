package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 of a manager while there is a build in each phase, at each step of a launch, and while it
 * answers an agent that registers: every build reaches one terminal phase, its log is told once and
 * in order, it never has a second session beside a living one, and nothing is left behind.
 */
@RedisTest
class ManagerDeathIT {
  /** One less than there are builds: so one waits. */
  private static final int ALLOWED = 9;

  /** The build whose agent has a session in Redis and never heard of it. */
  private static final String UNANSWERED = "UNANSWERED";

  @TempDir private Path folder;

  private final Map<String, String> expectations = new HashMap<>();
  private final Map<Hold, Steps> held = new EnumMap<>(Hold.class);
  private final List<Debugger.Stop> stops = new ArrayList<>();
  private Site site;
  private Steps free;
  private HeldAgents agents;
  private final List<String> unregistered = new ArrayList<>();

  @Test
  void theOnlyManagerDiesAndComesBack(TestRedis redis) throws Exception {
    run(redis, false);
  }

  @Test
  void anotherManagerTakesOver(TestRedis redis) throws Exception {
    run(redis, true);
  }

  private void run(TestRedis redis, boolean takeOver) throws Exception {
    try (Site opened = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(opened)) {
      site = opened;
      free = steps;
      agents = new HeldAgents(folder);
      ManagerProcess dying = site.manager(settings(), ManagerProcess.DEBUGGED);
      ManagerProcess survivor = takeOver ? site.manager(settings()) : dying;
      List<String> told;
      try (BuildsClient client = dying.client();
          Debugger debugger = dying.debugger()) {
        free.pushBase(client);
        Watching undisturbed = new Watching();
        undisturbed.follow(client, free.enqueue(client, "acme/undisturbed").getId());
        told = undisturbed.told();
        holdInEachPhase(client);
        holdUnregistered(client);
        if (takeOver) {
          // So that it is the other one that claims.
          survivor.pause();
        }
        holdAtEachStep(client, debugger);
        holdUnanswered(client, debugger);
        Build waiting = enqueue(client, free, "waiting");
        Awaitility.await("its reason")
            .until(() -> client.getBuild(waiting.getId()).getPhase() == Phase.PHASE_WAITING);
        assertThat(client.getStatus().getSlotsHeld()).isEqualTo(ALLOWED);
        dying.kill();
      }
      if (takeOver) {
        survivor.resume();
      } else {
        survivor.start();
        survivor.awaitReady();
      }
      held.forEach((hold, one) -> one.gate(hold).open());
      for (String id : unregistered) {
        agents.release(id);
      }
      try (BuildsClient client = survivor.client()) {
        for (String id : expectations.keySet()) {
          assertOneCleanRun(client, id, told);
        }
        awaitNothingLeft(client);
      }
    } finally {
      for (Steps one : held.values()) {
        one.close();
      }
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>(agents.settings());
    settings.put("ALLOWED_WORKER_COUNT", Integer.toString(ALLOWED));
    settings.put("JOB_REGISTRATION_TIMEOUT", "10s");
    settings.put("BUILDMAN.LEASE", "20s");
    settings.put("BUILDMAN.TERMINATION_HOLD", "5s");
    return settings;
  }

  private Build enqueue(BuildsClient client, Steps steps, String what) {
    Build build = steps.enqueue(client, "acme/" + what.toLowerCase(Locale.ROOT));
    expectations.put(build.getId(), what);
    return build;
  }

  private void holdInEachPhase(BuildsClient client) throws Exception {
    Map<Hold, Build> builds = new EnumMap<>(Hold.class);
    for (Hold hold : Hold.values()) {
      Steps steps = new Steps(site);
      held.put(hold, steps);
      steps.gate(hold).shut();
      builds.put(hold, enqueue(client, steps, hold.name()));
    }
    builds.forEach(
        (hold, build) -> {
          Watching.awaitPhase(client, build.getId(), hold.phase());
          Awaitility.await("the agent stands before the gate")
              .until(held.get(hold).gate(hold)::isWaitedAt);
        });
  }

  private void holdUnregistered(BuildsClient client) throws Exception {
    String id = holdAgent();
    expectations.put(id, "LAUNCHED");
    Steps.enqueue(client, id, free.spec("acme/launched"));
    Watching.awaitEvent(client, id, "LAUNCHED");
  }

  private String holdAgent() throws Exception {
    String id = Steps.newId();
    unregistered.add(id);
    agents.hold(id);
    return id;
  }

  private void holdAtEachStep(BuildsClient client, Debugger debugger) throws Exception {
    for (WalkStops step : WalkStops.values()) {
      // Held, or the kill would meet the agent before, in or after its registration, as it falls.
      String id = holdAgent();
      Debugger.Stop stop = step.of(debugger, id);
      expectations.put(id, step.name());
      Steps.enqueue(client, id, free.spec("acme/" + step.name().toLowerCase(Locale.ROOT)));
      stops.add(stop);
    }
    stops.forEach(Debugger.Stop::awaitReached);
  }

  private void holdUnanswered(BuildsClient client, Debugger debugger) {
    Debugger.Stop stop =
        debugger.stopAt("dev.buildman.session.Registrations", "accept", "agent-call");
    enqueue(client, free, UNANSWERED);
    stop.awaitReached();
  }

  private void assertOneCleanRun(BuildsClient client, String id, List<String> told)
      throws Exception {
    String what = expectations.get(id);
    Watching watching = new Watching();
    Build ended = watching.follow(client, id);
    assertThat(ended.getPhase()).as("%s: %s", what, ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(watching.reasons()).as(what).containsOnlyOnce("COMPLETED");
    // Who never heard of its session asks for another, which fences the first.
    assertThat(Collections.frequency(watching.reasons(), "REGISTERED"))
        .as("%s: %s", what, watching.reasons())
        .isEqualTo(what.equals(UNANSWERED) ? 2 : 1);
    assertThat(watching.told()).as("%s: each line once, in order", what).isEqualTo(told);
    // Only what may have been started, without anybody knowing, costs an attempt; nothing a try.
    boolean unknown = what.equals(WalkStops.INTENDED.name());
    assertThat(ended.getAttempt()).as("%s: %s", what, ended).isEqualTo(unknown ? 2 : 1);
    assertThat(ended.getTriesLeft()).as("%s: %s", what, ended).isEqualTo(3);
  }

  /**
   * A worker of whose launch nobody knows is looked for for ten minutes, in case that it comes
   * late; all else is settled, also where an agent that registered is all that tells of its launch.
   */
  private void awaitNothingLeft(BuildsClient client) {
    Awaitility.await("nothing is left behind")
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(WorkerProcesses.of(site).all()).isEmpty();
              assertThat(client.getStatus().getSlotsHeld()).isZero();
              assertThat(client.getStatus().getDutiesList())
                  .extracting(DutyStatus::getReason)
                  .containsExactly("LAUNCH_UNKNOWN");
            });
  }
}
