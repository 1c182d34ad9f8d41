package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.ec2.Ec2Error;
import dev.buildman.testing.ec2.Ec2Fault;
import dev.buildman.testing.ec2.FakeEc2;
import dev.buildman.testing.ec2.FakeInstances;
import dev.buildman.testing.ec2.Region;
import dev.buildman.testing.ec2.SeenInstance;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An account of a chaos run: a stand-in for EC2, agents as threads in its instances. */
final class ChaosCloud implements ChaosPlace {
  private final String name;
  private final FakeEc2 server = new FakeEc2();
  private final String foreign;
  private final Random random;
  private final Map<String, Integer> happened = new TreeMap<>();
  private volatile boolean calm;

  ChaosCloud(String name, Path folder, ChaosAgents agents, long seed) throws IOException {
    this.name = name;
    this.random = new Random(seed);
    // As a manager of another installation launches it, on an executor of the same name.
    foreign =
        server.launchedBySomebodyElse(
            Map.of("buildman.dev/installation", "ffffffffffff", "buildman.dev/executor", name));
    FakeInstances machines = FakeInstances.of(folder.resolve(name), agents);
    server.boot(machines);
    server.console(machines::console);
    server.pagesOf(3);
    server.weather(this::fault);
  }

  @Override
  public String executor() {
    return """
          - EXECUTOR: ec2
            NAME: %s
            EC2_REGION: %s
            EC2_ENDPOINT: %s
            COREOS_STREAMS: %s
            AWS_ACCESS_KEY: %s
            AWS_SECRET_KEY: %s
            EC2_INSTANCE_TYPE: [c5.large, m5.large]
            EC2_VPC_SUBNET_ID: [%s, %s]
            EC2_SPOT: true
            AGENT: ours
            INSECURE: true
            MAXIMUM_WORKERS: 4
            LAUNCH_RATE: 20
            SETUP_TIME: 20
            BREAKER: {FAILURES: 5, OPEN_FOR: 2s}
    """
        .formatted(
            name,
            Region.NAME,
            server.endpoint(),
            server.streams(),
            FakeEc2.ACCESS_KEY,
            FakeEc2.SECRET_KEY,
            Region.SUBNET_A,
            Region.SUBNET_B);
  }

  private synchronized @Nullable Ec2Fault fault(String action) {
    if (calm || random.nextInt(10) < 8) {
      return null;
    }
    return switch (random.nextInt(8)) {
      case 0 -> count("answer lost", Ec2Fault.loseTheAnswer());
      case 1 -> count("cut", Ec2Fault.breakOff());
      case 2 -> count("failed afterwards", Ec2Fault.failAfterwards());
      case 3 -> count("throttled", Ec2Fault.refuse(Ec2Error.throttled()));
      case 4 -> count("unavailable", Ec2Fault.refuse(Ec2Error.unavailable()));
      case 5 ->
          action.equals("RunInstances")
              ? count("pool without room", Ec2Fault.refuse(Ec2Error.ofPool("Unsupported")))
              : null;
      default -> count("late", Ec2Fault.late(Duration.ofMillis(random.nextInt(400))));
    };
  }

  private Ec2Fault count(String what, Ec2Fault fault) {
    happened.merge(what, 1, Integer::sum);
    return fault;
  }

  @Override
  public synchronized void change() {
    List<SeenInstance> ours = ours();
    Optional<String> one =
        ours.isEmpty() ? Optional.empty() : Optional.of(ours.get(random.nextInt(ours.size())).id());
    switch (random.nextInt(8)) {
      case 0 -> act("quota", () -> server.quota(1));
      case 1 ->
          act(
              "no room for spot",
              () -> server.lack(p -> p.spot() ? Ec2Error.noCapacity(p.type(), p.zone()) : null));
      case 2 ->
          one.filter(this::isSpot)
              .ifPresent(
                  id ->
                      act(
                          "interrupted",
                          () -> server.interrupt(id, Duration.ofMillis(random.nextInt(3_000)))));
      case 3 ->
          one.ifPresent(
              id ->
                  act(
                      "host failed",
                      () ->
                          server.end(
                              id, "Server.InternalError", "Server.InternalError: Host failure")));
      case 4 -> one.ifPresent(id -> act("ended by hand", () -> server.endByUser(id)));
      case 5 -> act("unknown at first", () -> server.hiddenFor(Duration.ofSeconds(3)));
      case 6 ->
          act(
              "launches fail",
              () ->
                  server.failLaunches(
                      "Server.InsufficientInstanceCapacity",
                      "Server.InsufficientInstanceCapacity: Insufficient capacity available"));
      default -> clear();
    }
  }

  private boolean isSpot(String id) {
    return ours().stream().anyMatch(i -> i.id().equals(id) && i.pool().spot());
  }

  private List<SeenInstance> ours() {
    return server.charged().stream().filter(i -> !i.id().equals(foreign)).toList();
  }

  private void act(String what, Runnable change) {
    happened.merge(what, 1, Integer::sum);
    change.run();
  }

  private void clear() {
    server.quota(Integer.MAX_VALUE);
    server.lack(_ -> null);
    server.hiddenFor(Duration.ZERO);
    server.failLaunches(null, "");
  }

  @Override
  public synchronized void calm() {
    calm = true;
    clear();
    server.showAll();
  }

  @Override
  public void assertNothingLeft() {
    assertThat(server.charged())
        .as("instances of %s: only another installation's is left alone", name)
        .extracting(SeenInstance::id)
        .containsExactly(foreign);
    assertThat(server.launched().stream().map(i -> i.tags().get("buildman.dev/worker")))
        .as("no worker was charged twice")
        .doesNotHaveDuplicates();
  }

  @Override
  public synchronized String told() {
    return "cloud %s: %d instances, %s".formatted(name, server.launched().size() - 1, happened);
  }

  @Override
  public void close() {
    server.close();
  }
}
