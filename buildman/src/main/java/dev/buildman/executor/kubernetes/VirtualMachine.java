package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.boot.Machine;
import dev.buildman.executor.boot.MachineSettings;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The machine that a pod boots.
 *
 * @param memory as its emulator reads it: a number and K, M, G or T, of 1024 each
 * @param disk the same
 */
record VirtualMachine(MachineSettings boot, String memory, String disk) {

  /**
   * Bytes that an image gets as USERDATA: the kernel takes 128 KiB for one variable, its name
   * included.
   */
  static final int USER_DATA = 128 * 1024 - "USERDATA=".length() - 1;

  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})([KMGT])");
  private static final String UNITS = "KMGT";

  static VirtualMachine parse(ConfigMap map, ExecutorSettings common, String ourVersion) {
    VirtualMachine machine =
        new VirtualMachine(
            MachineSettings.parse(map, common, ourVersion),
            map.as("VM_MEMORY_LIMIT", VirtualMachine::size).orElse("4G"),
            map.as("VOLUME_SIZE", VirtualMachine::size).orElse("32G"));
    new Machine(machine.boot())
        .tooLarge(environment(common), USER_DATA)
        .ifPresent(sentence -> map.problem("EXTRA_CA_CERTS", sentence));
    return machine;
  }

  /** What the agent gets in the machine. */
  static Map<String, String> environment(ExecutorSettings common) {
    return common.withEnvironment(Map.of("EXECUTOR", KubernetesSettings.MACHINES)).environment();
  }

  private static String size(String text) {
    if (!SIZE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is no size of a machine: a whole number and one of K, M, G, T, such as 4G");
    }
    return text;
  }

  /** In bytes. */
  static long bytes(String size) {
    Matcher parts = SIZE.matcher(size);
    if (!parts.matches()) {
      throw new IllegalArgumentException(size);
    }
    return Long.parseLong(parts.group(1)) << (10 * (UNITS.indexOf(parts.group(2)) + 1));
  }
}
