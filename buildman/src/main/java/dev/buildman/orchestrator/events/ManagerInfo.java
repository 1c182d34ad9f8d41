package dev.buildman.orchestrator.events;

import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import java.time.Instant;

/**
 * A manager that is there.
 *
 * @param started by its own clock
 * @param draining whether it claims nothing any more
 */
public record ManagerInfo(
    ManagerId id, HostId host, String version, Instant started, boolean draining) {}
