package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.registry.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Whether this machine runs programs of another processor: by itself, or by an emulator that is
 * registered with the kernel.
 */
public final class Emulation {

  /** Where Linux lists what it runs through an interpreter. */
  public static final Path REGISTERED = Path.of("/proc/sys/fs/binfmt_misc");

  private static final Map<String, String> QEMU =
      Map.of(
          "amd64", "x86_64",
          "arm64", "aarch64",
          "386", "i386",
          "mips64le", "mips64el",
          "loong64", "loongarch64");

  private final Path registered;
  private final Platform machine;

  /**
   * @param registered the folder of binfmt_misc
   */
  public Emulation(Path registered, Platform machine) {
    this.registered = registered;
    this.machine = machine;
  }

  /** Whether programs of the platform run here. */
  public boolean runs(Platform platform) {
    if (!platform.os().equals("linux")) {
      return false;
    }
    String wanted = platform.architecture();
    String own = machine.architecture();
    return wanted.equals(own)
        || (own.equals("amd64") && wanted.equals("386"))
        || emulated(QEMU.getOrDefault(wanted, wanted));
  }

  private boolean emulated(String processor) {
    try {
      Path handler = registered.resolve("qemu-" + processor);
      return Files.isRegularFile(handler) && Files.readString(handler).startsWith("enabled");
    } catch (IOException e) {
      return false;
    }
  }

  /** A sentence with the line of the first RUN that cannot run here; empty when all can. */
  public Optional<String> lack(BuildPlan plan) throws DockerfileException {
    for (Stage stage : plan.graph().needed()) {
      Platform platform = plan.platformOf(stage);
      for (Instruction instruction : stage.instructions()) {
        if (instruction instanceof Instruction.Run && !runs(platform)) {
          return Optional.of(
              ("Dockerfile line %d: RUN for %s needs an emulator that is registered in binfmt_misc"
                      + " of the worker's kernel, and there is none; install the Debian packages"
                      + " qemu-user-static and binfmt-support there, or build for %s")
                  .formatted(instruction.line(), platform, machine));
        }
      }
    }
    return Optional.empty();
  }
}
