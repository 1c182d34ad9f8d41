package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.testing.tools.SkippedTests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A container with a read-only root, as a kubelet has it made: by {@code runc}. */
public final class Bundle {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 180;

  private final Path folder;
  private final ObjectNode spec = JSON.createObjectNode();
  private final ArrayNode mounts = spec.putArray("mounts");
  private final ArrayNode environment;

  /** What a container said, on both streams, and its exit status. */
  public record Run(int status, String output) {}

  /** Skips a test where nobody may make containers, and remembers it. */
  public static void assumeAllowed(String test) throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      String why = "containers of runc need root";
      assertThat(SkippedTests.areForbidden()).as(why).isFalse();
      SkippedTests.add(test, why);
      abort(why);
    }
  }

  private Bundle(Path folder, Path root, int user) throws IOException {
    this.folder = Files.createDirectories(folder);
    spec.put("ociVersion", "1.0.2");
    ObjectNode process = spec.putObject("process");
    process.putObject("user").put("uid", user).put("gid", user);
    process.put("cwd", "/").put("noNewPrivileges", true);
    process.putObject("capabilities").putArray("bounding");
    environment = process.putArray("env");
    environment.add("PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
    spec.putObject("root").put("path", root.toString()).put("readonly", true);
    mount("/proc", "proc", "proc");
    mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755");
    mount("/tmp", "tmpfs", "tmpfs", "mode=1777");
    ObjectNode linux = spec.putObject("linux");
    ArrayNode namespaces = linux.putArray("namespaces");
    // The machine's network: registries of tests listen on its loopback.
    for (String type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.addObject().put("type", type);
    }
  }

  /**
   * A worker at the level baseline: user 1000, the bounding set of SETUID and SETGID, escalation
   * allowed.
   *
   * @param folder of the bundle
   * @param root the root file system
   * @param seccomp a profile of OCI form
   */
  public static Bundle worker(Path folder, Path root, Path seccomp) throws IOException {
    Bundle worker = new Bundle(folder, root, 1000);
    ObjectNode process = (ObjectNode) worker.spec.get("process");
    process.put("noNewPrivileges", false);
    ((ArrayNode) process.at("/capabilities/bounding")).add("CAP_SETUID").add("CAP_SETGID");
    ((ObjectNode) worker.spec.get("linux")).set("seccomp", JSON.readTree(seccomp.toFile()));
    return worker;
  }

  /** A manager: a user without a name, who may do nothing. */
  public static Bundle manager(Path folder, Path root) throws IOException {
    return new Bundle(folder, root, 10_001);
  }

  /** Mounts a folder of the machine. */
  public Bundle bind(Path source, String target) {
    mount(target, "bind", source.toString(), "rbind", "rw");
    return this;
  }

  public Bundle environment(String assignment) {
    environment.add(assignment);
    return this;
  }

  private void mount(String target, String type, String source, String... options) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", target).put("type", type).put("source", source);
    ArrayNode all = mount.putArray("options");
    for (String option : options) {
      all.add(option);
    }
  }

  /** Runs a command to its end. */
  public Run run(String... command) throws IOException, InterruptedException {
    Process process = start(command);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + List.of(command) + "\n" + output());
    }
    return new Run(process.exitValue(), output());
  }

  /** Starts a command; what ends the process is handed on to the first one in the container. */
  public Process start(String... command) throws IOException {
    ArrayNode arguments = ((ObjectNode) spec.get("process")).putArray("args");
    List.of(command).forEach(arguments::add);
    JSON.writeValue(folder.resolve("config.json").toFile(), spec);
    String name = "test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    return new ProcessBuilder(
            "runc",
            "--root",
            folder.resolve("state").toString(),
            "run",
            "--bundle",
            folder.toString(),
            name)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  /** What it said so far. */
  public String output() throws IOException {
    return new String(Files.readAllBytes(folder.resolve("output")), StandardCharsets.UTF_8);
  }
}
