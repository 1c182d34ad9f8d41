package dev.buildman.edge.agent;

/**
 * How much agents may send in a time. Quay's worker and ours stay far below.
 *
 * @param beats of one stream: one every 2 s is expected, and a refused one is resent at once, three
 *     times
 * @param calls unary, of one build: some seven in all are expected
 * @param logBytes of one stream: beyond it the stream is read more slowly, nothing is lost
 */
record AgentRates(Allowance.Rate beats, Allowance.Rate calls, Allowance.Rate logBytes) {
  static final AgentRates DEFAULT =
      new AgentRates(
          new Allowance.Rate(10, 50),
          new Allowance.Rate(10, 50),
          new Allowance.Rate(8 << 20, 32 << 20));

  /** For benchmarks. */
  static final AgentRates UNLIMITED =
      new AgentRates(
          new Allowance.Rate(1e9, 1e9),
          new Allowance.Rate(1e9, 1e9),
          new Allowance.Rate(1e12, 1e12));
}
