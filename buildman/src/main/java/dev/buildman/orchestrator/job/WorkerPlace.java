package dev.buildman.orchestrator.job;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a worker is to be started.
 *
 * @param host whose processes it joins, for executors of host scope; empty: cluster scope
 * @param name the execution name: deterministic, made of installation, attempt and nonce, so that
 *     the worker can be found without its id
 * @param maximumWorkers {@code MAXIMUM_WORKERS}; empty: none
 * @param maxLife the executor's own limit of a worker's life; empty: {@code MACHINE_MAX_TIME}
 */
public record WorkerPlace(
    ExecutorName executor,
    Optional<HostId> host,
    String name,
    OptionalInt maximumWorkers,
    Optional<Duration> maxLife) {}
