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
 * @param draining whether it claims nothing any more
 */
public record ManagerInfo(
    ManagerId id,
    HostId host,
    Set<HostId> daemons,
    String version,
    Instant started,
    boolean draining) {

  public ManagerInfo {
    daemons = Set.copyOf(daemons);
  }

  /** One that sees the workers of its own host alone. */
  public ManagerInfo(ManagerId id, HostId host, String version, Instant started, boolean draining) {
    this(id, host, Set.of(), version, started, draining);
  }

  /** The same, seeing the workers of these hosts too. */
  public ManagerInfo withDaemons(Set<HostId> others) {
    return new ManagerInfo(id, host, others, version, started, draining);
  }

  /** The same, claiming nothing any more. */
  public ManagerInfo asDraining() {
    return new ManagerInfo(id, host, daemons, version, started, true);
  }

  /** All hosts whose workers it sees, its own first. */
  public List<HostId> hosts() {
    return Stream.concat(Stream.of(host), daemons.stream().filter(d -> !d.equals(host))).toList();
  }
}
