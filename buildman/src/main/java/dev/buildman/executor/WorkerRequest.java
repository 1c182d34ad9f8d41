package dev.buildman.executor;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.Secret;
import java.time.Duration;
import java.util.Map;

/**
 * One launch.
 *
 * @param name deterministic name of the worker; carries the claim's nonce
 * @param installation written on the worker, so that its inventory can be told from others
 * @param token registration token, handed over as a file wherever the executor can
 * @param environment what every worker of this manager gets (no secrets); the executor adds its own
 * @param maxLifetime from launch until the manager ends the attempt. A control plane's own deadline
 *     lies later, so that it never races ours (K2, K7)
 * @param interrupted whether an earlier worker of the build was taken away by its provider (E10)
 */
public record WorkerRequest(
    AttemptId attempt,
    ExecutionName name,
    Installation installation,
    Secret token,
    Map<String, String> environment,
    Duration maxLifetime,
    boolean interrupted) {

  public WorkerRequest {
    environment = Map.copyOf(environment);
  }

  /** A launch of a build of which no worker was taken away. */
  public WorkerRequest(
      AttemptId attempt,
      ExecutionName name,
      Installation installation,
      Secret token,
      Map<String, String> environment,
      Duration maxLifetime) {
    this(attempt, name, installation, token, environment, maxLifetime, false);
  }

  /** One that is only asked about: a control plane judges it, and makes nothing of it. */
  public static WorkerRequest forCheck(Duration maxLifetime) {
    return new WorkerRequest(
        new AttemptId(BuildId.random(), 1),
        new ExecutionName("buildman-check"),
        new Installation("check", "check"),
        Secret.of("check"),
        Map.of(),
        maxLifetime);
  }
}
