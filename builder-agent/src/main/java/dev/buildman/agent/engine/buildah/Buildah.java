package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.process.Capture;
import dev.buildman.agent.process.Channel;
import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.Lines;
import dev.buildman.agent.process.OutputSink;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs buildah's commands in the world of one build, and removes that world at the end. */
final class Buildah {
  private static final Logger log = LoggerFactory.getLogger(Buildah.class);
  private static final int MAX_LINE = 32 << 10;
  private static final int MAX_KEPT = 256 << 10;
  private static final Duration CLEANING = Duration.ofSeconds(60);

  /**
   * How a command ended.
   *
   * @param stdout its first part
   * @param error the error that buildah names; empty when it names none
   */
  record Result(Exit exit, String stdout, String error) {
    boolean ok() {
      return exit.ok();
    }

    /** The error, or how it ended when it named none. */
    String words() {
      return error.isEmpty() ? exit.describe() : error;
    }
  }

  /**
   * One command.
   *
   * @param prefix stands before everything else
   * @param variables beside those of the world
   * @param arguments after {@code buildah} and its own options
   */
  record Call(List<String> prefix, Map<String, String> variables, List<String> arguments) {}

  private final Processes processes;
  private final List<String> containment;
  private final Duration timeLimit;
  private World world;
  private boolean tentative;

  private Buildah(Processes processes, World world, List<String> containment, Duration timeLimit) {
    this.processes = processes;
    this.world = world;
    this.containment = containment;
    this.timeLimit = timeLimit;
  }

  /**
   * With the storage of the settings.
   *
   * @param world without storage yet
   * @param containment stands before each command
   */
  static Buildah in(
      World world, Processes processes, BuildahSettings settings, List<String> containment)
      throws IOException {
    boolean auto = settings.storageDriver().equals("auto");
    String driver = auto ? "overlay" : settings.storageDriver();
    Buildah buildah =
        new Buildah(processes, world.withStorage(driver), containment, settings.timeLimit());
    buildah.tentative = auto;
    return buildah;
  }

  /** Whether its storage can be used; the first command finds out what the file system can. */
  private boolean works() throws IOException, InterruptedException {
    Command look = command(containment, List.of("images", "--quiet"), CLEANING);
    return processes.run(look, OutputSink.NONE).ok();
  }

  /** Takes storage that works everywhere where the better one does not; true when it did. */
  private boolean fellBack() throws EngineFailure, InterruptedException {
    if (!tentative) {
      return false;
    }
    tentative = false;
    try {
      if (works()) {
        return false;
      }
      world = world.withStorage("vfs");
      return true;
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  World world() {
    return world;
  }

  /** Runs a command; each line that it prints goes to the listener, its own error left out. */
  Result run(List<String> arguments, BiConsumer<Channel, String> listener)
      throws EngineFailure, InterruptedException {
    Call call = new Call(List.of(), Map.of(), arguments);
    Result result = once(call, listener);
    if (result.ok()) {
      tentative = false;
      return result;
    }
    // Only what failed is worth a look at the storage: nearly everywhere it works.
    return fellBack() ? once(call, listener) : result;
  }

  /**
   * The same with variables of its own, behind something that stands before the command, and run
   * but once: the storage is looked at before where no command has used it.
   */
  Result run(Call call, BiConsumer<Channel, String> listener)
      throws EngineFailure, InterruptedException {
    fellBack();
    return once(call, listener);
  }

  private Result once(Call call, BiConsumer<Channel, String> listener)
      throws EngineFailure, InterruptedException {
    Capture capture = new Capture(MAX_KEPT);
    ErrorLine error = new ErrorLine(listener);
    Lines lines = new Lines(MAX_LINE, error);
    OutputSink sink =
        new OutputSink() {
          @Override
          public void accept(Channel channel, String text) {
            capture.accept(channel, text);
            lines.accept(channel, text);
          }

          @Override
          public void end(Channel channel) {
            lines.end(channel);
          }
        };
    try {
      Exit exit = processes.run(command(call), sink);
      return new Result(exit, capture.stdout(), error.text());
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  private Command command(Call call) {
    List<String> prefix = new ArrayList<>(call.prefix());
    prefix.addAll(containment);
    Command plain = command(prefix, call.arguments(), timeLimit);
    Map<String, String> variables = new HashMap<>(plain.environment());
    variables.putAll(call.variables());
    return new Command(plain.argv(), variables, plain.directory(), timeLimit);
  }

  private Command command(List<String> prefix, List<String> arguments, Duration limit) {
    List<String> argv = new ArrayList<>(prefix);
    argv.add("buildah");
    argv.addAll(world.options());
    argv.addAll(arguments);
    return new Command(argv, world.variables(), world.folder(), limit);
  }

  /** Removes all that this build kept, also what belongs to other users of a rootless build. */
  void clean() {
    boolean interrupted = Thread.interrupted();
    try {
      Folders.delete(world.folder());
    } catch (IOException e) {
      interrupted |= cleanAsItsRoot();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean cleanAsItsRoot() {
    try {
      // Mounts first, then files that only the build's own user namespace may remove.
      processes.run(command(List.of(), List.of("umount", "--all"), CLEANING), OutputSink.NONE);
      String storage = world.file("storage").toString();
      processes.run(
          command(List.of(), List.of("unshare", "rm", "-rf", storage), CLEANING), OutputSink.NONE);
      Folders.delete(world.folder());
    } catch (IOException e) {
      log.warn("a build's storage is left behind: folder={}, because={}", world.folder(), e + "");
    } catch (InterruptedException e) {
      return true;
    }
    return false;
  }

  /** Keeps buildah's own last word apart from what the build printed. */
  private static final class ErrorLine implements BiConsumer<Channel, String> {
    private static final String PREFIX = "Error: ";
    private final BiConsumer<Channel, String> next;
    private volatile String text = "";

    ErrorLine(BiConsumer<Channel, String> next) {
      this.next = next;
    }

    @Override
    public void accept(Channel channel, String line) {
      if (channel == Channel.STDERR && line.startsWith(PREFIX)) {
        text = line.substring(PREFIX.length());
      } else if (channel == Channel.STDERR && !text.isEmpty()) {
        // It is the last thing that buildah prints, and names a step of several lines in full.
        text = text + "\n" + line;
      } else {
        next.accept(channel, line);
      }
    }

    String text() {
      return text;
    }
  }
}
