package dev.buildman.schedule;

import dev.buildman.orchestrator.events.Remark;
import dev.buildman.orchestrator.job.Intend;
import dev.buildman.orchestrator.job.Launched;
import dev.buildman.orchestrator.job.MoveOn;
import dev.buildman.orchestrator.queue.Park;
import dev.buildman.orchestrator.queue.ParkNamespace;

/** The transitions of a claim's walk. */
public record ChainCommands(
    Intend intend,
    Launched launched,
    MoveOn moveOn,
    Park park,
    ParkNamespace parkNamespace,
    Remark remark) {}
