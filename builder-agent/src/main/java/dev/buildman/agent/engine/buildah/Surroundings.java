package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.process.Capture;
import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether buildah can work here, and if not, what it lacks and which package brings it. */
final class Surroundings {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)");
  private static final int OLDEST = 28; // of 1.x: skips unused stages, never pulls when told so
  private static final int WITHOUT_CNI = 33; // of 1.x: netavark alone makes networks
  private static final List<Path> HELPERS =
      List.of(
          Path.of("/usr/local/libexec/podman"),
          Path.of("/usr/local/lib/podman"),
          Path.of("/usr/libexec/podman"),
          Path.of("/usr/lib/podman"));
  private static final List<Path> CNI = List.of(Path.of("/usr/lib/cni"), Path.of("/opt/cni/bin"));
  private static final Pattern CAPABILITIES = Pattern.compile("CapEff:\\s*([0-9a-f]+)");
  private static final long SYS_ADMIN = 1L << 21;

  private final Processes processes;
  private final BuildahSettings settings;
  private final List<Path> helpers;

  Surroundings(Processes processes, BuildahSettings settings) {
    this(processes, settings, HELPERS);
  }

  /**
   * @param helpers where buildah looks for its helpers, as containers.conf has them by default
   */
  Surroundings(Processes processes, BuildahSettings settings, List<Path> helpers) {
    this.processes = processes;
    this.settings = settings;
    this.helpers = helpers;
  }

  EngineCheck check() throws InterruptedException {
    if (processes.find("buildah").isEmpty()) {
      return EngineCheck.unable("buildah is not installed", "install the Debian package buildah");
    }
    try {
      Path home = Files.createTempDirectory("buildah-check");
      try {
        return check(home);
      } finally {
        Folders.delete(home);
      }
    } catch (IOException e) {
      return EngineCheck.unable("buildah cannot be tried out: " + e.getMessage(), "");
    }
  }

  private EngineCheck check(Path home) throws IOException, InterruptedException {
    Capture capture = new Capture(1000);
    run(home, capture, "buildah", "--version");
    int version = version(capture.stdout());
    if (version < OLDEST) {
      return EngineCheck.unable(
          "buildah 1." + OLDEST + " or later is needed, this is: " + capture.stdout().strip(),
          "install a newer buildah");
    }
    if (!settings.isolation().equals("chroot")
        && processes.find("crun").isEmpty()
        && processes.find("runc").isEmpty()) {
      return EngineCheck.unable(
          "isolation " + settings.isolation() + " needs a container runtime",
          "install the Debian package crun, or use BUILDAH_ISOLATION=chroot");
    }
    if (hasNoNetwork(home, version)) {
      return EngineCheck.unable(
          "buildah lacks netavark, which makes the network of RUN",
          "install the Debian package netavark");
    }
    return mayMount() ? EngineCheck.able() : inUserNamespace(home);
  }

  /** Newer ones end at once without netavark, whatever the isolation. */
  private boolean hasNoNetwork(Path home, int version) throws IOException, InterruptedException {
    if (anyIn(helpers, "netavark")) {
      return false;
    }
    if (version < WITHOUT_CNI) {
      return !settings.isolation().equals("chroot") && !anyIn(CNI, "bridge");
    }
    // It may be configured to lie elsewhere, which only buildah knows; then it is worth a start.
    Capture capture = new Capture(2000);
    Exit exit = buildah(home, capture, "from", "scratch");
    return !exit.ok() && capture.stderr().contains("netavark");
  }

  private static boolean anyIn(List<Path> folders, String program) {
    return folders.stream().anyMatch(folder -> Files.isExecutable(folder.resolve(program)));
  }

  /** The minor number of 1.x; what follows 1.x is newer than all of them. */
  private static int version(String words) {
    Matcher version = VERSION.matcher(words);
    if (!version.find()) {
      return 0;
    }
    return Integer.parseInt(version.group(1)) > 1
        ? Integer.MAX_VALUE
        : Integer.parseInt(version.group(2));
  }

  /** Whether this process may mount by itself, so that no user namespace is needed. */
  private static boolean mayMount() throws IOException {
    Matcher matcher = CAPABILITIES.matcher(Files.readString(Path.of("/proc/self/status")));
    return matcher.find() && (Long.parseUnsignedLong(matcher.group(1), 16) & SYS_ADMIN) != 0;
  }

  /** Without the right to mount, buildah makes a user namespace, with a range of ids. */
  private EngineCheck inUserNamespace(Path home) throws IOException, InterruptedException {
    boolean root = Integer.valueOf(0).equals(Files.getAttribute(home, "unix:uid"));
    if (!root && (processes.find("newuidmap").isEmpty() || processes.find("newgidmap").isEmpty())) {
      return EngineCheck.unable(
          "without root, newuidmap and newgidmap are needed", "install the Debian package uidmap");
    }
    Capture capture = new Capture(2000);
    Exit exit = buildah(home, capture, "images");
    return exit.ok()
        ? EngineCheck.able()
        : EngineCheck.unable(
            "buildah cannot make a user namespace: " + lastLine(capture.stderr(), exit),
            root
                ? "give the worker the capability SYS_ADMIN, or run it as another user"
                : "give the user a range in /etc/subuid and /etc/subgid, and allow user"
                    + " namespaces (sysctl kernel.unprivileged_userns_clone, AppArmor, seccomp)");
  }

  /** With storage that goes with the folder. */
  private Exit buildah(Path home, Capture capture, String... arguments)
      throws IOException, InterruptedException {
    List<String> argv =
        new ArrayList<>(
            List.of(
                "buildah",
                "--root=" + home.resolve("storage"),
                "--runroot=" + home.resolve("runroot"),
                "--storage-driver=vfs"));
    argv.addAll(List.of(arguments));
    return run(home, capture, argv.toArray(String[]::new));
  }

  private Exit run(Path home, Capture capture, String... argv)
      throws IOException, InterruptedException {
    Map<String, String> environment =
        Map.of(
            "HOME", home.toString(),
            "XDG_RUNTIME_DIR", home.toString(),
            "PATH", World.SEARCH_PATH,
            "USER", System.getProperty("user.name", "root"),
            "LC_ALL", "C.UTF-8");
    return processes.run(new Command(List.of(argv), environment, home, LIMIT), capture);
  }

  private static String lastLine(String text, Exit exit) {
    List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? exit.describe() : lines.getLast();
  }
}
