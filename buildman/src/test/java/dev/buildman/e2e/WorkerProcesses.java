package dev.buildman.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The worker processes of a site, found by their environment as an operator would: in /proc. */
final class WorkerProcesses {
  private final String folder;

  private WorkerProcesses(String folder) {
    this.folder = folder;
  }

  static WorkerProcesses of(Site site) {
    return new WorkerProcesses(site.workers().toAbsolutePath().toString());
  }

  /** Every process that a worker of this site has started and that still lives. */
  List<ProcessHandle> all() throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(path -> path.getFileName().toString().chars().allMatch(Character::isDigit))
          .filter(this::isOurs)
          .flatMap(path -> ProcessHandle.of(Long.parseLong(path.getFileName().toString())).stream())
          .filter(ProcessHandle::isAlive)
          .toList();
    }
  }

  /** The agents' JVMs among them. */
  List<ProcessHandle> agents() throws IOException {
    return all().stream()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .toList();
  }

  /** The processes of one build's workers. */
  List<ProcessHandle> of(String build) throws IOException {
    return all().stream()
        .filter(process -> environment(process.pid()).contains("BUILD_UUID=" + build))
        .toList();
  }

  private static String environment(long pid) {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // ended meanwhile
    }
  }

  void killAll() throws IOException {
    all().forEach(ProcessHandle::destroyForcibly);
  }

  private boolean isOurs(Path process) {
    String environment = environment(Long.parseLong(process.getFileName().toString()));
    return environment.contains("BUILDMAN_EXECUTION=") && environment.contains(folder);
  }
}
