package dev.buildman.testing.ec2;

import java.util.Map;

/**
 * An instance as the account's bill sees it.
 *
 * @param state as {@code running}
 * @param reason code of its last change; empty: none yet
 * @param launch the names and values of its launch, the template's among them
 */
public record SeenInstance(
    String id,
    Pool pool,
    String state,
    String reason,
    Map<String, String> tags,
    Map<String, String> launch) {

  /** Whether it costs money, or counts against a quota. */
  public boolean isCharged() {
    return !state.equals("terminated") && !state.equals("stopped");
  }
}
