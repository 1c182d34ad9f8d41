package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.OutputSink;
import dev.buildman.agent.process.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts buildah into a process namespace of its own where this process may make one. Commands of a
 * RUN that changed their user neither carry the worker's environment nor die with buildah, so after
 * a {@code kill -9} of the agent nothing else would end them.
 */
final class Containment {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Containment() {}

  /** What stands before a command; empty where namespaces cannot be made. */
  static List<String> prefix(Processes processes) throws IOException, InterruptedException {
    Optional<Path> unshare = processes.find("unshare");
    if (unshare.isEmpty()) {
      return List.of();
    }
    List<String> prefix =
        List.of(
            unshare.get().toString(),
            "--pid",
            "--fork",
            "--kill-child=SIGKILL",
            "--mount-proc",
            "--");
    List<String> probe = new ArrayList<>(prefix);
    probe.add("true");
    Command command = new Command(probe, Map.of("PATH", World.SEARCH_PATH), Path.of("/"), LIMIT);
    return processes.run(command, OutputSink.NONE).ok() ? prefix : List.of();
  }
}
