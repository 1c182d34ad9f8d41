package dev.buildman.executor.ec2;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Secret;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Launches to be asked for. */
final class Requests {
  static final Installation OURS = new Installation("0123456789ab", "state-1");
  private static final Secret TOKEN = Secret.of("eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary");
  private static final AtomicLong CLAIMS = new AtomicLong();

  private Requests() {}

  /** Of a new build, for an agent that runs a line of shell. */
  static WorkerRequest of(String agent) {
    return of(agent, false);
  }

  /** The same of a build whose worker was taken away. */
  static WorkerRequest afterInterruption(String agent) {
    return of(agent, true);
  }

  private static WorkerRequest of(String agent, boolean interrupted) {
    AttemptId attempt = new AttemptId(BuildId.random(), 1);
    Nonce nonce =
        new Nonce(new ManagerId("m"), CLAIMS.incrementAndGet(), "00112233445566778899aabbccddeeff");
    return new WorkerRequest(
        attempt,
        ExecutionName.of(OURS, attempt, nonce),
        OURS,
        TOKEN,
        Map.of("TEST_AGENT", agent, "BUILD_UUID", attempt.build().value()),
        Duration.ofMinutes(5),
        interrupted);
  }
}
