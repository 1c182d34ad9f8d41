package dev.buildman.agent.engine.buildx;

import java.time.Duration;
import java.util.Map;

/**
 * How BuildKit is reached from here.
 *
 * @param variables of the worker, as far as they are set: {@code BUILDKIT_HOST}, {@code
 *     DOCKER_HOST}, {@code DOCKER_CERT_PATH}, {@code DOCKER_TLS_VERIFY}, {@code DOCKER_CONFIG} and
 *     {@code HOME} (where plug-ins may be), proxies and authorities
 * @param timeLimit of each command; the build's own limit interrupts before
 */
public record BuildxSettings(Map<String, String> variables, Duration timeLimit) {
  /** Copies the variables. */
  public BuildxSettings {
    variables = Map.copyOf(variables);
  }

  /** The address of a BuildKit daemon; empty where Docker's own BuildKit builds. */
  String buildkitHost() {
    return variables.getOrDefault("BUILDKIT_HOST", "").strip();
  }
}
