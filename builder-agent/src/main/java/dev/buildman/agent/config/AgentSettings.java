package dev.buildman.agent.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What the agent is told by its environment.
 *
 * @param manager where to register
 * @param registrationToken opaque; a secret
 * @param reconnectWindow how long the agent goes on without its manager
 * @param machine what it builds with
 */
public record AgentSettings(
    ManagerAddress manager, String registrationToken, Duration reconnectWindow, Machine machine) {

  /**
   * What it builds with, with a manager or without one.
   *
   * @param engine what is wanted of the engine
   * @param registries what the worker itself knows of registries
   * @param workDirectory an existing folder with room for sources and layers
   * @param debug whether to log more and to keep the work folder
   */
  public record Machine(
      Engine engine, RegistryVariables registries, Path workDirectory, boolean debug) {}

  /**
   * What is wanted of the engine.
   *
   * @param name the engine's name, or {@code auto}
   * @param isolation of buildah's RUN: {@code chroot}, {@code oci} or {@code rootless}
   * @param storageDriver of buildah: {@code auto}, {@code vfs} or {@code overlay}
   */
  public record Engine(String name, String isolation, String storageDriver) {}

  @Override
  public String toString() {
    return "AgentSettings[manager="
        + manager
        + ", engine="
        + machine.engine()
        + ", reconnectWindow="
        + reconnectWindow
        + "]";
  }
}
