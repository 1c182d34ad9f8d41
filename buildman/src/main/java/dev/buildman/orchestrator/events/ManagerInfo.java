package dev.buildman.orchestrator.events;

import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A manager that is there.
 *
 * @param daemons hosts beside its own whose workers it sees: those of daemons on local sockets
 * @param started by its own clock
 */
public record ManagerInfo(
    ManagerId id, HostId host, Set<HostId> daemons, String version, Instant started, State state) {

  /**
   * What changes while it is there.
   *
   * @param draining whether it claims nothing any more
   * @param executors those that do not look well to it
   */
  public record State(boolean draining, List<ExecutorCondition> executors) {
    public State {
      executors = List.copyOf(executors);
    }
  }

  public ManagerInfo {
    daemons = Set.copyOf(daemons);
  }

  /** One that sees the workers of its own host alone. */
  public ManagerInfo(ManagerId id, HostId host, String version, Instant started, boolean draining) {
    this(id, host, Set.of(), version, started, new State(draining, List.of()));
  }

  /** The same, seeing the workers of these hosts too. */
  public ManagerInfo withDaemons(Set<HostId> others) {
    return new ManagerInfo(id, host, others, version, started, state);
  }

  /** The same, claiming nothing any more. */
  public ManagerInfo asDraining() {
    return with(new State(true, state.executors));
  }

  /** The same, with what it knows of its executors now; those that look well are left out. */
  public ManagerInfo withExecutors(List<ExecutorCondition> all) {
    return with(new State(state.draining, all.stream().filter(one -> !one.isWell()).toList()));
  }

  private ManagerInfo with(State other) {
    return new ManagerInfo(id, host, daemons, version, started, other);
  }

  /** Whether it claims nothing any more. */
  public boolean draining() {
    return state.draining;
  }

  /** All hosts whose workers it sees, its own first. */
  public List<HostId> hosts() {
    return Stream.concat(Stream.of(host), daemons.stream().filter(d -> !d.equals(host))).toList();
  }
}
