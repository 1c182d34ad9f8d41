package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The workers of one executor of one installation on this host: their folders and processes. */
final class Workers {
  /** Name of the executor's name in a worker's environment. */
  static final String EXECUTOR = "BUILDMAN_EXECUTOR";

  /** Name of the Redis state's uuid in a worker's environment. */
  static final String STATE = "BUILDMAN_REDIS";

  private final ExecutorName executor;
  private final Installation installation;
  private final HostId host;
  private final Path directory;
  private final ProcessTable table;
  private final WorkerProcesses processes;

  /**
   * @param workDirectory shared by all executors of this kind; each has a folder of its own in it
   */
  Workers(ExecutorName executor, Installation installation, HostId host, Path workDirectory) {
    this.executor = executor;
    this.installation = installation;
    this.host = host;
    this.directory = workDirectory.toAbsolutePath().resolve(executor.value());
    this.table = new ProcessTable();
    this.processes = new WorkerProcesses(table);
  }

  ExecutorName executor() {
    return executor;
  }

  HostId host() {
    return host;
  }

  Path directory() {
    return directory;
  }

  WorkerFolder folder(ExecutionName name) {
    return WorkerFolder.in(directory, name);
  }

  /** Folders of workers that were launched here, without those that are just being made. */
  List<WorkerFolder> folders() throws IOException {
    return WorkerFolder.all(directory).stream().filter(f -> seen(f).isPresent()).toList();
  }

  /** Who a folder's worker is; empty while it is being made, or when it is another's. */
  Optional<SeenWorker> seen(WorkerFolder folder) {
    return folder
        .description()
        .filter(description -> description.installation().equals(installation.id()))
        .map(
            description ->
                new SeenWorker(
                    description.attempt(),
                    new WorkerRef(folder.name(), folder.leader(host).map(LocalId::toExecutionId)),
                    description.state()));
  }

  /** Whether the leader was started and lives no more. */
  boolean ended(WorkerFolder folder) {
    return folder.leader(host).filter(leader -> !processes.leads(leader)).isPresent();
  }

  /** All living processes of a worker. */
  Collection<ProcessStat> processes(WorkerRef worker) throws IOException {
    WorkerFolder folder = folder(worker.name());
    Optional<LocalId> leader = worker.id().flatMap(LocalId::parse).or(() -> folder.leader(host));
    return processes.of(worker.name(), leader, folder.path());
  }

  /**
   * Writes down the leader of a worker that was started just now. The worker does that itself too,
   * for a manager that dies before.
   *
   * @return empty when the process ended without having run the worker's script
   */
  Optional<LocalId> record(WorkerFolder folder, long pid) throws IOException {
    Optional<String> line = table.line(pid);
    if (line.isPresent()) {
      folder.putStat(line.get());
    }
    return folder.leader(host);
  }

  /** All workers, those too of which only a process with the cookie is left. */
  List<SeenWorker> all() throws IOException {
    Map<ExecutionName, SeenWorker> found = new LinkedHashMap<>();
    for (WorkerFolder folder : folders()) {
      seen(folder).ifPresent(worker -> found.put(folder.name(), worker));
    }
    for (long pid : table.living().keySet()) {
      byCookie(table.environment(pid)).ifPresent(w -> found.putIfAbsent(w.name(), w));
    }
    return new ArrayList<>(found.values());
  }

  private Optional<SeenWorker> byCookie(List<String> environment) {
    if (!environment.contains(EXECUTOR + "=" + executor)) {
      return Optional.empty();
    }
    return value(environment, WorkerProcesses.COOKIE)
        .filter(name -> name.startsWith(ExecutionName.prefix(installation)))
        .flatMap(ExecutionName::parse)
        .flatMap(
            name ->
                name.attempt()
                    .map(
                        attempt ->
                            new SeenWorker(
                                attempt,
                                WorkerRef.of(name),
                                value(environment, STATE).orElse(""))));
  }

  private static Optional<String> value(List<String> environment, String name) {
    return environment.stream()
        .filter(entry -> entry.startsWith(name + "="))
        .map(entry -> entry.substring(name.length() + 1))
        .findFirst();
  }
}
