package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.edge.agent.AgentRates;
import java.time.Duration;

/**
 * How often things happen.
 *
 * @param heartbeat that agents are asked for
 * @param sweep between two sweeps over deadlines
 * @param drain how long a manager that was asked to end keeps its agents' streams
 * @param agents what agents may send
 */
public record Pace(Duration heartbeat, Duration sweep, Duration drain, AgentRates agents) {

  private static final double MOST_RATE = 1e9;

  /** Reads {@code BUILDMAN}'s share. */
  static Pace parse(ConfigMap ours) {
    return new Pace(
        ours.duration("HEARTBEAT", Duration.ofSeconds(2)),
        ours.duration("SWEEP", Duration.ofSeconds(1)),
        ours.duration("DRAIN_TIMEOUT", Duration.ofSeconds(60), Duration.ZERO),
        agents(ours.section("AGENT_RATES")));
  }

  private static AgentRates agents(ConfigMap rates) {
    AgentRates usual = AgentRates.DEFAULT;
    return new AgentRates(
        rates.number("HEARTBEATS", usual.beats(), 1, MOST_RATE),
        rates.number("CALLS", usual.calls(), 1, MOST_RATE),
        rates.size("LOG_BYTES", (long) usual.logBytes()));
  }
}
