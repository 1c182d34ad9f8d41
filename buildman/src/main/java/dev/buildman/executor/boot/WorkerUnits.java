package dev.buildman.executor.boot;

import dev.buildman.executor.boot.Ignition.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The units that make a machine a worker. */
final class WorkerUnits {
  private static final String WORKER = "buildman-worker";
  private static final String METADATA = "buildman-no-metadata.service";
  private static final String LIFETIME = "buildman-lifetime";
  private static final String MAY_FAIL = "-";
  // The image is some hundred megabytes, and its registry may be far.
  private static final Duration PULL = Duration.ofMinutes(10);
  // Enough for an agent to end its engine and send its last lines.
  private static final Duration STOP = Duration.ofSeconds(30);

  private final MachineSettings settings;
  private final boolean daemon;

  /**
   * @param daemon whether the agent uses the machine's container program through its socket
   */
  WorkerUnits(MachineSettings settings, boolean daemon) {
    this.settings = settings;
    this.daemon = daemon;
  }

  /**
   * All of them.
   *
   * @param life of the machine at most, from its boot
   * @param proxies whether there are any
   */
  List<Unit> all(Duration life, boolean proxies) {
    List<Unit> units = new ArrayList<>();
    units.add(Unit.enabled(WORKER + ".service", worker(proxies)));
    units.add(Unit.enabled(METADATA, metadata()));
    units.add(Unit.enabled(LIFETIME + ".timer", timer(life)));
    units.add(Unit.started(LIFETIME + ".service", powerOff()));
    if (proxies && daemon) {
      String service = settings.runtime() == MachineSettings.Runtime.DOCKER ? "docker" : "podman";
      UnitFile behindProxy =
          new UnitFile().section("Service").set("EnvironmentFile", MachineFiles.PROXIES);
      units.add(Unit.extended(service + ".service", "10-buildman-proxies.conf", behindProxy));
    }
    return units;
  }

  private UnitFile worker(boolean proxies) {
    UnitFile unit =
        new UnitFile()
            .section("Unit")
            .set("Description", "The agent of one build")
            .set("Wants", "network-online.target")
            .set("After", "network-online.target " + METADATA)
            .set("Requires", METADATA);
    if (needsUnit()) {
      unit.set("After", settings.runtime().unit()).set("Requires", settings.runtime().unit());
    }
    unit.section("Service").set("Restart", "no");
    if (proxies) {
      unit.set("EnvironmentFile", MachineFiles.PROXIES);
    }
    Duration leaving = settings.keepFailed().orElse(Duration.ZERO).plus(STOP.multipliedBy(4));
    return unit.set("TimeoutStartSec", Long.toString(PULL.toSeconds()))
        .set("TimeoutStopSec", Long.toString(leaving.toSeconds()))
        // The console is what a pod's log or an instance's output shows.
        .set("StandardOutput", "journal+console")
        .set("StandardError", "journal+console")
        .command("ExecStartPre", pull())
        .command("ExecStart", run())
        .command(
            "ExecStop",
            List.of(
                settings.runtime().program(),
                "stop",
                "-t",
                Long.toString(STOP.toSeconds()),
                WORKER))
        .command("ExecStopPost", List.of(MachineFiles.LEAVE))
        .section("Install")
        .set("WantedBy", "multi-user.target");
  }

  private boolean needsUnit() {
    return daemon || settings.runtime() == MachineSettings.Runtime.DOCKER;
  }

  private List<String> pull() {
    List<String> words = new ArrayList<>();
    words.add(settings.runtime().program());
    boolean docker = settings.runtime() == MachineSettings.Runtime.DOCKER;
    if (docker && !settings.user().isEmpty()) {
      words.addAll(List.of("--config", MachineFiles.LOGIN));
    }
    words.add("pull");
    if (!docker && !settings.user().isEmpty()) {
      words.addAll(List.of("--authfile", MachineFiles.LOGIN + "/config.json"));
    }
    words.add(settings.image());
    return words;
  }

  /** The machine is the wall around the build, so its one container may do everything in it. */
  private List<String> run() {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            settings.runtime().program(),
            "run",
            "--rm",
            "--pull=never",
            // The unit's journal has its output already.
            "--log-driver=none",
            "--name",
            WORKER,
            "--net=host",
            "--privileged",
            "--env-file",
            MachineFiles.ENVIRONMENT));
    if (daemon) {
      volume(words, settings.runtime().socket(), settings.runtime().socket(), "");
    }
    if (settings.caCert().isPresent() || settings.extraCaCerts().isPresent()) {
      volume(words, MachineFiles.CERTIFICATES, MachineFiles.CERTS, ":ro");
    }
    if (!settings.tokenInEnv()) {
      volume(words, MachineFiles.HANDED, MachineFiles.HANDED_OVER, ":ro");
    }
    if (Machine.isOurs(settings)) {
      volume(words, MachineFiles.WORK, MachineFiles.WORKSPACE, "");
      words.addAll(List.of("--user", "0:0"));
    }
    words.add(settings.image());
    return words;
  }

  private static void volume(List<String> words, String from, String to, String mode) {
    words.addAll(List.of("--volume", from + ":" + to + mode));
  }

  /**
   * Keeps what runs on the machine from its provider's metadata, and so from its credentials and
   * this user data (E12, E13): from the machine itself and from containers with a network of their
   * own. Only HTTP: some providers have their name server at the same address.
   */
  private static UnitFile metadata() {
    UnitFile unit =
        new UnitFile()
            .section("Unit")
            .set("Description", "Closes the way to the provider's metadata")
            .set("After", "network-online.target")
            .set("Wants", "network-online.target")
            .section("Service")
            .set("Type", "oneshot")
            .set("RemainAfterExit", "yes");
    block(unit, "/usr/sbin/iptables", "169.254.169.254/32", "");
    // A machine without IPv6 has no such table, and nothing to close there.
    block(unit, "/usr/sbin/ip6tables", "fd00:ec2::254/128", MAY_FAIL);
    return unit.section("Install").set("WantedBy", "multi-user.target");
  }

  private static void block(UnitFile unit, String program, String address, String prefix) {
    List<String> packets = List.of("-d", address, "-p", "tcp", "--dport", "80", "-j");
    List<String> own = new ArrayList<>(List.of(prefix + program, "-w", "-I", "OUTPUT"));
    own.addAll(packets);
    own.add("REJECT");
    unit.command("ExecStart", own);
    List<String> passing =
        new ArrayList<>(List.of(prefix + program, "-w", "-t", "raw", "-I", "PREROUTING"));
    passing.addAll(packets);
    passing.add("DROP");
    unit.command("ExecStart", passing);
  }

  private static UnitFile timer(Duration life) {
    return new UnitFile()
        .section("Unit")
        .set("Description", "The machine's longest life")
        .section("Timer")
        .set("OnBootSec", life.toSeconds() + "s")
        .set("Unit", LIFETIME + ".service")
        .section("Install")
        .set("WantedBy", "timers.target");
  }

  private static UnitFile powerOff() {
    return new UnitFile()
        .section("Unit")
        .set("Description", "Switches the machine off")
        .section("Service")
        .set("Type", "oneshot")
        .command("ExecStart", List.of("/usr/bin/systemctl", "--no-block", "poweroff"));
  }
}
