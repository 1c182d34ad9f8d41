package dev.buildman.agent.dockerfile;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What HEALTHCHECK asks for. Times that are null, and {@code retries} 0, are the runtime's default.
 *
 * @param command what to run; null for {@code NONE}, which switches a base image's check off
 */
public record HealthProbe(
    Instruction.@Nullable Command command,
    @Nullable Duration interval,
    @Nullable Duration timeout,
    @Nullable Duration startPeriod,
    @Nullable Duration startInterval,
    int retries) {}
