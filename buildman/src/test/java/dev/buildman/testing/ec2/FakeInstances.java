package dev.buildman.testing.ec2;

import dev.buildman.testing.kubernetes.FakeMachine;
import dev.buildman.testing.kubernetes.PodProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Instances that do what their user data says: Ignition's document is read as a machine reads it,
 * and the agent runs with the environment, the token and the files of its own. When it ends the
 * machine is off, and so the instance.
 */
public final class FakeInstances implements Boot {

  @FunctionalInterface
  private interface Machine {
    PodProgram.Running start(String userData, Path own, Path console) throws IOException;
  }

  private final Path folder;
  private final Machine machine;

  private FakeInstances(Path folder, Machine machine) {
    this.folder = folder;
    this.machine = machine;
  }

  /**
   * Instances whose agent is a process.
   *
   * @param folder for their disks and consoles
   * @param agent line of shell
   */
  public static FakeInstances ofProcesses(Path folder, String agent) {
    return new FakeInstances(
        folder,
        (userData, own, console) ->
            PodProgram.ofProcesses((_, disk) -> FakeMachine.boot(userData, disk, agent))
                .start(Map.of(), own, console));
  }

  /** Instances whose agent is anything else; their consoles say how it ended, as a machine's do. */
  public static FakeInstances of(Path folder, PodProgram agent) {
    return new FakeInstances(
        folder,
        (userData, own, console) -> {
          PodProgram.Running running =
              agent.start(FakeMachine.environment(userData, own), own, console);
          return new WithLastWord(running, running.onExit().thenApply(s -> lastWord(console, s)));
        });
  }

  private static int lastWord(Path console, int status) {
    try {
      Files.writeString(
          console,
          "buildman: worker ended: status=%d result=exit-code\n".formatted(status),
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return status;
  }

  private record WithLastWord(PodProgram.Running agent, CompletableFuture<Integer> onExit)
      implements PodProgram.Running {
    @Override
    public void end(Duration grace) throws InterruptedException {
      agent.end(grace);
    }

    @Override
    public void kill() {
      agent.kill();
    }
  }

  @Override
  public PodProgram.Running boot(String instance, String userData) throws IOException {
    Path own = Files.createDirectories(folder.resolve(instance));
    return machine.start(userData, own, own.resolve("console"));
  }

  /** What is seen on an instance's console. */
  public String console(String instance) {
    try {
      return Files.readString(folder.resolve(instance).resolve("console"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
