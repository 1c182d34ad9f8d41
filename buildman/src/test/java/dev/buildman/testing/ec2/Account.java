package dev.buildman.testing.ec2;

import dev.buildman.testing.ec2.Instance.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The instances of an account, and their lives. */
final class Account implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Account.class);
  private static final DateTimeFormatter GMT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'GMT'").withZone(ZoneOffset.UTC);

  final Region region = new Region();
  private final Map<String, Instance> instances = new LinkedHashMap<>();
  private final Map<String, Instance> tokens = new LinkedHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("fake-ec2").factory());
  private long numbers;
  volatile Boot boot = (_, _) -> new NoMachine();
  volatile Duration pending = Duration.ofMillis(30);
  volatile Duration ending = Duration.ofMillis(30);
  volatile Duration listed = Duration.ofHours(1);
  volatile Duration hidden = Duration.ZERO;
  volatile Duration grace = Duration.ofSeconds(2);
  volatile @Nullable Reason failing;

  /** Why an instance's state changed, as the service says it. */
  record Reason(String code, String message) {}

  static final Reason BY_USER =
      new Reason(
          "Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown");
  static final Reason BY_ITSELF =
      new Reason(
          "Client.InstanceInitiatedShutdown",
          "Client.InstanceInitiatedShutdown: Instance initiated shutdown");
  static final Reason SPOT =
      new Reason(
          "Server.SpotInstanceTermination",
          "Server.SpotInstanceTermination: Spot instance termination");

  synchronized List<Instance> all() {
    return List.copyOf(instances.values());
  }

  synchronized Optional<Instance> of(String id) {
    return Optional.ofNullable(instances.get(id));
  }

  /** What a request may see: not what is too young (E5), nor what ended long ago (E7). */
  synchronized List<Instance> visible() {
    return instances.values().stream().filter(i -> i.listed && !i.hidden).toList();
  }

  /**
   * What an earlier launch with this token made (E4).
   *
   * @throws Ec2Error.Refused when the parameters were others
   */
  synchronized Optional<Instance> launchedBefore(String token, String fingerprint) {
    Instance earlier = tokens.get(token);
    if (token.isEmpty() || earlier == null) {
      return Optional.empty();
    }
    if (!earlier.fingerprint.equals(fingerprint)) {
      throw new Ec2Error(
              400,
              "IdempotentParameterMismatch",
              "Arguments on this idempotent request are inconsistent with arguments used in"
                  + " previous request(s).")
          .asRefusal();
    }
    return Optional.of(earlier);
  }

  synchronized long live() {
    return instances.values().stream().filter(Instance::isLive).count();
  }

  synchronized Instance launch(Pool pool, Query launch, String fingerprint) {
    String number = "%016x".formatted(0xb0000000000000L + ++numbers);
    Instance made = new Instance(number, pool, launch, fingerprint);
    instances.put(made.id, made);
    if (launch.has("ClientToken")) {
      tokens.put(launch.get("ClientToken"), made);
    }
    if (!hidden.isZero()) {
      made.hidden = true;
      after(hidden, () -> made.hidden = false);
    }
    Reason fails = failing;
    if (fails == null) {
      after(pending, () -> run(made));
    } else {
      after(pending, () -> end(made, fails));
    }
    return made;
  }

  private void after(Duration time, Runnable work) {
    if (clock.isShutdown()) {
      return;
    }
    var _ =
        clock.schedule(
            () -> {
              synchronized (this) {
                work.run();
              }
            },
            time.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void run(Instance instance) {
    if (instance.state != State.PENDING) {
      return;
    }
    instance.state = State.RUNNING;
    if (!instance.launch.has("UserData")) {
      return;
    }
    try {
      var machine = boot.boot(instance.id, instance.userData());
      instance.machine = machine;
      var _ = machine.onExit().thenRun(() -> poweredOff(instance));
    } catch (IOException | RuntimeException e) {
      // As of a machine that does not boot: it runs, and nothing comes of it (E14).
      LOG.warn("an instance does not boot: instance={}", instance.id, e);
    }
  }

  private synchronized void poweredOff(Instance instance) {
    if (instance.state == State.RUNNING) {
      // Only when the launch said so is it more than stopped (E8).
      boolean ends = instance.launch.get("InstanceInitiatedShutdownBehavior").equals("terminate");
      change(instance, ends ? State.SHUTTING_DOWN : State.STOPPING, BY_ITSELF);
      after(ending, () -> change(instance, ends ? State.TERMINATED : State.STOPPED, BY_ITSELF));
    }
  }

  /** Ends an instance: politely within the grace, then by force. */
  synchronized void end(Instance instance, Reason reason) {
    if (instance.state == State.TERMINATED || instance.state == State.SHUTTING_DOWN) {
      return;
    }
    change(instance, State.SHUTTING_DOWN, reason);
    if (instance.pool.spot() && reason.equals(BY_USER)) {
      spot(instance, "closed", "instance-terminated-by-user", "Spot Instance terminated by user.");
    }
    Thread.ofVirtual().name("fake-ec2-end").start(() -> ended(instance, reason));
  }

  private void ended(Instance instance, Reason reason) {
    var machine = instance.machine;
    try {
      if (machine != null) {
        machine.end(grace);
        machine.onExit().join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    after(ending, () -> change(instance, State.TERMINATED, reason));
  }

  private void change(Instance instance, State state, Reason reason) {
    instance.state = state;
    instance.reason = reason.code();
    instance.reasonMessage = reason.message();
    instance.transition =
        reason.equals(BY_USER) ? "User initiated (" + GMT.format(Instant.now()) + ")" : "";
    if (state == State.TERMINATED) {
      after(listed, () -> instance.listed = false);
    }
  }

  /** The notice (E10): the machine goes on until it is over. */
  synchronized void interrupt(Instance instance, Duration notice) {
    spot(
        instance,
        "active",
        "marked-for-termination",
        "Your Spot Instance is marked for termination.");
    after(
        notice,
        () -> {
          spot(
              instance,
              "closed",
              "instance-terminated-no-capacity",
              "There is no Spot capacity available that matches your request.");
          end(instance, SPOT);
        });
  }

  private static void spot(Instance instance, String state, String code, String message) {
    instance.spotState = state;
    instance.spotCode = code;
    instance.spotMessage = message;
  }

  synchronized void showAll() {
    instances.values().forEach(instance -> instance.hidden = false);
  }

  synchronized List<SeenInstance> seen() {
    List<SeenInstance> seen = new ArrayList<>();
    instances.values().forEach(instance -> seen.add(instance.seen()));
    return seen;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    for (Instance instance : all()) {
      var machine = instance.machine;
      if (machine != null) {
        machine.kill();
      }
    }
  }
}
