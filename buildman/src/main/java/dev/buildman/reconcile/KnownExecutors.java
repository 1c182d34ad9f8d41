package dev.buildman.reconcile;

import dev.buildman.executor.Executor;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.orchestrator.job.WorkerHandle;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The executors of this manager by name, and which workers it can see. */
public final class KnownExecutors {
  private final Map<ExecutorName, Executor> byName = new LinkedHashMap<>();

  public KnownExecutors(List<? extends Executor> executors) {
    executors.forEach(executor -> byName.put(executor.name(), executor));
  }

  List<Executor> all() {
    return List.copyOf(byName.values());
  }

  Optional<Executor> named(ExecutorName name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The executor that comes after one, in the order in which they were given. */
  Optional<ExecutorName> after(ExecutorName name) {
    return byName.keySet().stream().dropWhile(n -> !n.equals(name)).skip(1).findFirst();
  }

  /** The executor that can see a worker from here; empty: none can, as on another host. */
  Optional<Executor> seeing(WorkerHandle worker) {
    return named(worker.executor()).filter(executor -> sees(executor, worker.host()));
  }

  /** The hosts whose workers these executors see. */
  public Set<HostId> hosts() {
    return all().stream().flatMap(e -> e.host().stream()).collect(Collectors.toUnmodifiableSet());
  }

  private static boolean sees(Executor executor, Optional<HostId> host) {
    return executor.host().equals(host);
  }
}
