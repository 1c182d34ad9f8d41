package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.ec2.Ec2Fault;
import dev.buildman.testing.ec2.SeenInstance;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole builds by real agents in the instances of a stand-in for EC2. */
@RedisTest
class Ec2WholeWayIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private Ec2Cloud cloud;

  @AfterEach
  void noCloud() {
    cloud.close();
  }

  @Test
  void aBuildSurvivesWhatHappensToItsInstanceAndLeavesNoneBehind(TestRedis redis) throws Exception {
    cloud = new Ec2Cloud(folder, HeldAgents.AGENT.toString());
    Map<String, String> settings = cloud.settings();
    settings.put("EXECUTOR.EC2_SPOT", "true");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      ManagerProcess manager = site.manager(settings);
      try (BuildsClient client = manager.client()) {
        // E5: an instance that nobody knows for its first seconds is not one that is gone.
        cloud.server.hiddenFor(Duration.ofSeconds(2));
        steps.pushBase(client);
        assertThat(cloud.server.launched().getFirst().pool().spot()).isTrue();
        cloud.server.hiddenFor(Duration.ZERO);
        interrupted(client, steps);
        outlivesItsManager(manager, client, steps);
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(site.tagStatus("acme/interrupted")).isEqualTo(200);
      assertThat(cloud.server.charged()).isEmpty();
      assertThat(cloud.launchesByWorker()).hasSize(4).allSatisfy((_, n) -> assertThat(n).isOne());
      assertThat(cloud.server.launched())
          .allSatisfy(
              instance ->
                  assertThat(instance.launch())
                      .containsEntry("InstanceInitiatedShutdownBehavior", "terminate")
                      .containsEntry("MetadataOptions.HttpTokens", "required")
                      .containsEntry("MetadataOptions.HttpPutResponseHopLimit", "1"));
    }
  }

  private void interrupted(BuildsClient client, Steps steps) throws InterruptedException {
    Build build = held(client, steps, "acme/interrupted");
    SeenInstance first = cloud.only();
    // E10: as short as the notice gets when the provider is in a hurry.
    cloud.server.interrupt(first.id(), Duration.ofSeconds(1));
    Watching.awaitEvent(client, build.getId(), "SPOT_INTERRUPTED");
    steps.gate(Hold.BUILDING).open();

    Watching watching = new Watching();
    Build ended = watching.follow(client, build.getId());
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(watching.reasons()).contains("SPOT_INTERRUPTED");
    assertThat(ended.getTriesLeft()).as("an interruption costs no try").isEqualTo(3);
    assertThat(cloud.server.launched().getLast().pool().spot())
        .as("what was interrupted is repeated on demand")
        .isFalse();
  }

  private void outlivesItsManager(ManagerProcess manager, BuildsClient client, Steps steps)
      throws Exception {
    Build build = held(client, steps, "acme/adopted");
    manager.kill();
    manager.start();
    manager.awaitReady();
    steps.gate(Hold.BUILDING).open();

    Build ended = Watching.toTheEnd(client, build);
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(1);
  }

  private static Build held(BuildsClient client, Steps steps, String repository)
      throws InterruptedException {
    steps.gate(Hold.BUILDING).shut();
    Build build = steps.enqueue(client, repository);
    Awaitility.await().atMost(LONG).until(steps.gate(Hold.BUILDING)::isWaitedAt);
    return build;
  }

  /** E4, E8: the launch is on its way when its manager dies; nobody but the other one can know. */
  @Test
  void nothingIsLeftNorChargedTwiceWhenAManagerDiesBetweenALaunchAndItsRecord(TestRedis redis)
      throws Exception {
    HeldAgents agents = new HeldAgents(folder);
    cloud = new Ec2Cloud(folder, agents.program().toString());
    Map<String, String> settings = cloud.settings();
    settings.put("JOB_REGISTRATION_TIMEOUT", "8s");
    settings.put("BUILDMAN.LEASE", "10s");
    settings.put("BUILDMAN.TERMINATION_HOLD", "5s");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      ManagerProcess dying = site.manager(settings);
      ManagerProcess survivor = site.manager(settings);
      try (BuildsClient client = survivor.client()) {
        steps.pushBase(client);
        // So that it is the other one that claims.
        survivor.pause();
        String build = Steps.newId();
        agents.hold(build);
        cloud.server.next("RunInstances", Ec2Fault.late(Duration.ofSeconds(2)));
        long before = cloud.server.calls("RunInstances");
        try (BuildsClient dyings = dying.client()) {
          Steps.enqueue(dyings, build, steps.spec("acme/orphan"));
        }
        Awaitility.await("the launch is on its way")
            .until(() -> cloud.server.calls("RunInstances") > before);
        dying.kill();
        survivor.resume();
        String orphan = cloud.awaitOnly().id();

        Watching.awaitEvent(client, build, "LAUNCH_UNKNOWN");
        agents.release(build);
        Build ended = Watching.toTheEnd(client, client.getBuild(build));
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getTriesLeft()).as("%s", ended).isEqualTo(3);
        Awaitility.await("no instance is left")
            .atMost(LONG)
            .untilAsserted(() -> assertThat(cloud.server.charged()).isEmpty());
        assertThat(cloud.server.launched()).extracting(SeenInstance::id).contains(orphan);
        assertThat(cloud.launchesByWorker())
            .as("base, orphan, repeat")
            .hasSize(3)
            .allSatisfy((_, n) -> assertThat(n).isOne());
      }
    }
  }

  @Test
  void whatIsNotAnsweredIsFoundAgainAndWhatNeverRegistersIsReadFromItsConsole(TestRedis redis)
      throws Exception {
    HeldAgents agents = new HeldAgents(folder);
    cloud = new Ec2Cloud(folder, "echo 'no route to registry' && exec " + agents.program());
    Map<String, String> settings = cloud.settings();
    settings.put("EXECUTOR.SETUP_TIME", "15s");
    settings.put("BUILDMAN.LEASE", "6s");
    settings.put("BUILDMAN.TRIES", "1");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      ManagerProcess manager = site.manager(settings);
      try (BuildsClient client = manager.client()) {
        String silent = Steps.newId();
        agents.hold(silent);
        Steps.enqueue(client, silent, steps.spec("acme/silent"));
        Watching.awaitEvent(client, silent, "LAUNCHED");
        lostAnswer(client, steps);
        neverRegistered(client, silent);
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(cloud.server.charged()).isEmpty();
    }
  }

  // E4: the same token asks again, and is answered with the instance that there is.
  private void lostAnswer(BuildsClient client, Steps steps) throws InterruptedException {
    long before = cloud.server.calls("RunInstances");
    cloud.server.next("RunInstances", Ec2Fault.loseTheAnswer());
    steps.pushBase(client);
    assertThat(cloud.server.calls("RunInstances") - before).isEqualTo(2);
    assertThat(cloud.server.launched()).as("with the one that says nothing").hasSize(2);
  }

  // E14
  private static void neverRegistered(BuildsClient client, String id) throws InterruptedException {
    Watching watching = new Watching();
    Build ended = watching.follow(client, id);
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_INTERNAL_ERROR);
    assertThat(watching.reasons()).contains("NEVER_REGISTERED");
    Awaitility.await("the console in its history")
        .atMost(LONG)
        .untilAsserted(
            () ->
                assertThat(client.getBuildWithEvents(id).getEventsList())
                    .extracting(Event::getText)
                    .anySatisfy(text -> assertThat(text).contains("no route to registry")));
  }
}
