package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.testing.tools.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The profile that the level baseline needs on the nodes: its form, and what it does to a
 * container.
 */
class SeccompProfileIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PROFILE = Chart.FOLDER.resolve("files/builder-seccomp.json");

  /** What buildah needs beyond what container runtimes allow to a pod without capabilities. */
  private static final Set<String> ADDED = Set.of("unshare", "mount", "umount2", "chroot");

  /** What they deny such a pod: one of these allowed would be a hole. */
  private static final Set<String> DENIED =
      Set.of(
          "acct",
          "add_key",
          "bpf",
          "clock_settime",
          "clock_settime64",
          "create_module",
          "delete_module",
          "fanotify_init",
          "finit_module",
          "fsconfig",
          "fsmount",
          "fsopen",
          "fspick",
          "get_kernel_syms",
          "init_module",
          "io_uring_enter",
          "io_uring_register",
          "io_uring_setup",
          "ioperm",
          "iopl",
          "kcmp",
          "kexec_file_load",
          "kexec_load",
          "keyctl",
          "lookup_dcookie",
          "mbind",
          "migrate_pages",
          "mount_setattr",
          "move_mount",
          "move_pages",
          "name_to_handle_at",
          "nfsservctl",
          "open_by_handle_at",
          "open_tree",
          "perf_event_open",
          "pidfd_getfd",
          "pivot_root",
          "process_madvise",
          "query_module",
          "quotactl",
          "quotactl_fd",
          "reboot",
          "request_key",
          "set_mempolicy",
          "setdomainname",
          "sethostname",
          "setns",
          "settimeofday",
          "stime",
          "swapoff",
          "swapon",
          "sysfs",
          "syslog",
          "umount",
          "uselib",
          "userfaultfd",
          "ustat",
          "vhangup",
          "vm86",
          "vm86old");

  @TempDir private Path folder;

  @Test
  void allowsFourCallsBeyondTheRuntimesOwnProfileAndNoneOfTheDangerousOnes() throws IOException {
    JsonNode profile = profile();
    assertThat(profile.get("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
    Set<String> allowed = new TreeSet<>();
    Set<String> conditional = new HashSet<>();
    for (JsonNode rule : profile.get("syscalls")) {
      // The runtimes' own form has conditions on capabilities; the kubelet's has not, and ignores
      // them.
      assertThat(rule.properties())
          .extracting(field -> field.getKey())
          .isSubsetOf("names", "action", "args", "errnoRet");
      if (rule.get("action").asText().equals("SCMP_ACT_ALLOW")) {
        for (JsonNode name : rule.get("names")) {
          (rule.has("args") ? conditional : allowed).add(name.asText());
        }
      }
    }
    assertThat(allowed).containsAll(ADDED).doesNotContainAnyElementsOf(DENIED);
    assertThat(allowed).contains("execve", "openat2", "faccessat2", "rseq", "statx", "futex");
    assertThat(conditional).containsExactlyInAnyOrder("clone", "socket", "personality");
    assertThat(allowed).doesNotContainAnyElementsOf(conditional).doesNotContain("clone3");
    assertThat(profile.get("architectures"))
        .extracting(JsonNode::asText)
        .contains("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64");
  }

  @Test
  void libraryFallsBackFromTheCallWhoseFlagsNobodyCanCheck() throws IOException {
    for (JsonNode rule : profile().get("syscalls")) {
      if (rule.get("names").get(0).asText().equals("clone3")) {
        assertThat(rule.get("action").asText()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(rule.get("errnoRet").asInt()).as("ENOSYS").isEqualTo(38);
        return;
      }
    }
    throw new AssertionError("clone3 has no rule");
  }

  @Test
  @RequiresTool(value = "runc", debianPackage = "runc")
  @RequiresTool(value = "busybox", debianPackage = "busybox-static")
  void aContainerMayMakeItsOwnWorldAndNotEnterAnother() throws Exception {
    assertThat(inContainer(PROFILE, "unshare -Urm mount -t tmpfs none /tmp && echo mounted"))
        .contains("mounted");
    assertThat(inContainer(PROFILE, "unshare -Ur chroot / /bin/busybox echo changed"))
        .contains("changed");
    // setns
    assertThat(inContainer(PROFILE, "unshare -Ur nsenter -t 1 -n /bin/busybox echo entered"))
        .contains("Operation not permitted")
        .doesNotContain("entered\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"unshare", "mount", "chroot"})
  @RequiresTool(value = "runc", debianPackage = "runc")
  @RequiresTool(value = "busybox", debianPackage = "busybox-static")
  void withoutItARuntimesOwnProfileStopsTheSame(String call) throws Exception {
    ObjectNode less = (ObjectNode) profile();
    for (JsonNode rule : less.get("syscalls")) {
      var names = rule.get("names").elements();
      while (names.hasNext()) {
        if (names.next().asText().equals(call)) {
          names.remove();
        }
      }
    }
    Path file = folder.resolve("less.json");
    JSON.writeValue(file.toFile(), less);
    assertThat(
            inContainer(
                file,
                "unshare -Urm /bin/sh -c 'mount -t tmpfs none /tmp && chroot / /bin/busybox echo"
                    + " all'"))
        .doesNotContain("all\n");
  }

  private String inContainer(Path profile, String script) throws Exception {
    Bundle.assumeAllowed("SeccompProfileIT");
    Path root = folder.resolve("root");
    Path bin = root.resolve("bin");
    if (Files.notExists(bin)) {
      for (String name : new String[] {"proc", "dev", "tmp"}) {
        Files.createDirectories(root.resolve(name));
      }
      Files.createDirectories(bin);
      Files.copy(busybox(), bin.resolve("busybox"));
      for (String name : new String[] {"sh", "mount", "unshare", "chroot", "nsenter", "echo"}) {
        Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
      }
    }
    return Bundle.worker(folder.resolve("bundle"), root, profile)
        .run("/bin/sh", "-c", script)
        .output();
  }

  private static Path busybox() {
    Path usual = Path.of("/bin/busybox");
    return Files.isExecutable(usual) ? usual : Path.of("/usr/bin/busybox");
  }

  private static JsonNode profile() throws IOException {
    return JSON.readTree(PROFILE.toFile());
  }
}
