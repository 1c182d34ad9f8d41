package dev.buildman.edge.agent;

/**
 * How much agents may send in a second. After a rest they may send five times as much at once.
 *
 * @param beats of one stream: one every 2 s is expected, and a refused one is resent at once, three
 *     times
 * @param calls unary, of one build: some seven in all are expected
 * @param logBytes of one stream: beyond it the stream is read more slowly, nothing is lost
 */
public record AgentRates(double beats, double calls, double logBytes) {
  /** Quay's worker and ours stay far below. */
  public static final AgentRates DEFAULT = new AgentRates(10, 10, 8 << 20);

  private static final int BURST = 5;

  Allowance.Rate ofBeats() {
    return new Allowance.Rate(beats, BURST * beats);
  }

  Allowance.Rate ofCalls() {
    return new Allowance.Rate(calls, BURST * calls);
  }

  Allowance.Rate ofLogBytes() {
    return new Allowance.Rate(logBytes, BURST * logBytes);
  }
}
