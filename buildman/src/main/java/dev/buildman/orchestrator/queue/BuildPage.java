package dev.buildman.orchestrator.queue;

import java.util.List;
import java.util.OptionalLong;

/**
 * One page of a list, newest first.
 *
 * @param builds may be fewer than asked for although more follow
 * @param next cursor of the next page; empty: no more
 */
public record BuildPage(List<BuildRecord> builds, OptionalLong next) {}
