package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Exit;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.HostId;
import dev.buildman.model.WorkerExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is kept on disk of one worker, so that any manager of this host knows it, also after a
 * restart: who it is, the leader of its session, its output, how it ended.
 *
 * <p>{@code worker} description, {@code token}, {@code run} the script that runs it, {@code stat}
 * the leader's line of {@code /proc}, {@code output}, {@code exit} the agent's status, {@code
 * stopped} a mark that its end was asked for, {@code work} the agent's own folder.
 */
record WorkerFolder(Path path, ExecutionName name) {

  /** What its launch wrote down. */
  record Description(AttemptId attempt, String installation, String state) {}

  /**
   * Makes the folder of a new worker.
   *
   * @throws java.nio.file.FileAlreadyExistsException when this name was launched here before
   */
  static WorkerFolder create(Path workDirectory, WorkerRequest request, String script)
      throws IOException {
    WorkerFolder folder = in(workDirectory, request.name());
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    Files.createDirectory(folder.path, ownerOnly);
    Files.createDirectory(folder.work());
    Path token = folder.token();
    Files.createFile(
        token, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(token, request.token().reveal());
    Files.writeString(folder.script(), script);
    folder.put(
        "worker",
        String.join(
            "\n",
            request.attempt().toString(),
            request.installation().id(),
            request.installation().state()));
    return folder;
  }

  static WorkerFolder in(Path workDirectory, ExecutionName name) {
    return new WorkerFolder(workDirectory.resolve(name.value()), name);
  }

  /** The folders of all workers below a work directory; none where it does not exist yet. */
  static List<WorkerFolder> all(Path workDirectory) throws IOException {
    try (Stream<Path> entries = Files.list(workDirectory)) {
      return entries
          .flatMap(path -> ExecutionName.parse(path.getFileName().toString()).stream())
          .filter(name -> name.attempt().isPresent())
          .map(name -> in(workDirectory, name))
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Empty while the folder is being made, or when it is no worker's. */
  Optional<Description> description() {
    return get("worker")
        .map(text -> text.lines().toList())
        .filter(lines -> lines.size() == 3)
        .map(lines -> new Description(AttemptId.parse(lines.get(0)), lines.get(1), lines.get(2)));
  }

  /** The leader of its session, once it runs. */
  Optional<LocalId> leader(HostId host) {
    return get("stat")
        .flatMap(ProcessStat::parse)
        .map(stat -> new LocalId(host, stat.pid(), stat.start()));
  }

  void putStat(String line) throws IOException {
    put("stat", line);
  }

  /** How the agent ended; empty while it runs, or when nobody was left to write it down. */
  Optional<WorkerExit> exit() {
    return get("exit").map(String::trim).flatMap(WorkerFolder::parseExit);
  }

  /** The exit, as far as it is known, and the end of the output. */
  Exit traces() {
    return new Exit(
        exit().orElse(WorkerExit.unknown()),
        OutputTail.read(path.resolve("output"), get("token").orElse("")));
  }

  Path script() {
    return path.resolve("run");
  }

  Path token() {
    return path.resolve("token");
  }

  /** The agent's working directory and {@code TMPDIR}. */
  Path work() {
    return path.resolve("work");
  }

  void markStopped() throws IOException {
    if (Files.isDirectory(path)) {
      put("stopped", "");
    }
  }

  boolean isMarkedStopped() {
    return Files.exists(path.resolve("stopped"));
  }

  // A shell's status: above 128 for a signal.
  private static Optional<WorkerExit> parseExit(String text) {
    try {
      int status = Integer.parseInt(text);
      boolean signal = status > 128 && status <= 128 + 64;
      return Optional.of(
          signal ? WorkerExit.bySignal(status - 128) : WorkerExit.withStatus(status));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private void put(String file, String text) throws IOException {
    Path fresh = path.resolve(file + ".made");
    Files.writeString(fresh, text);
    Files.move(fresh, path.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private Optional<String> get(String file) {
    try {
      return Optional.of(Files.readString(path.resolve(file)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
