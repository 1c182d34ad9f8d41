package dev.buildman.edge.agent;

import java.time.Duration;

/** What an agent may send at most. Quay's worker and ours stay far below all of it. */
final class AgentLimits {
  /** Of any message, before it is parsed. Twice what any gRPC client sends unasked. */
  static final int MESSAGE_BYTES = 8 << 20;

  static final int REGISTER_BYTES = 64 << 10;
  static final int HEARTBEAT_BYTES = 16 << 10;
  static final int PHASE_BYTES = 256 << 10;
  static final int QUESTION_BYTES = 64 << 10;

  /** What the worker takes: gRPC's default for a received message. */
  static final int BUILD_PACK_BYTES = 4 << 20;

  /** Log bytes of one stream that wait for Redis: beyond it nothing more is read. */
  static final int LOG_WAITING_BYTES = 512 << 10;

  /** Lines that go to Redis in one script: it holds everybody else up meanwhile. */
  static final int LOG_BATCH_LINES = 500;

  /** Longer than any pause of a live agent's machine; dead ones are found by their lease. */
  static final Duration KEEPALIVE_TIMEOUT = Duration.ofMinutes(5);

  private AgentLimits() {}
}
