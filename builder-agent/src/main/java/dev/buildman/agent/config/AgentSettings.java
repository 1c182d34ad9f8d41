package dev.buildman.agent.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the agent is told by its environment.
 *
 * @param manager where to register
 * @param registrationToken opaque; a secret
 * @param containerRuntime the wanted engine's name, or {@code auto}
 * @param reconnectWindow how long the agent goes on without its manager
 * @param workDirectory an existing folder with room for sources and layers
 * @param debug whether to log more and to keep the work folder
 */
public record AgentSettings(
    ManagerAddress manager,
    String registrationToken,
    String containerRuntime,
    Duration reconnectWindow,
    Path workDirectory,
    boolean debug) {

  @Override
  public String toString() {
    return "AgentSettings[manager="
        + manager
        + ", containerRuntime="
        + containerRuntime
        + ", reconnectWindow="
        + reconnectWindow
        + "]";
  }
}
