package dev.buildman.agent.link;

import java.time.Duration;

/**
 * What speaks for the session.
 *
 * @param token opaque; a secret
 * @param heartbeat the pause between beats that the manager wants
 * @param extended whether the manager knows more than Quay's
 */
record SessionToken(String token, Duration heartbeat, boolean extended) {

  @Override
  public String toString() {
    return "SessionToken[extended=" + extended + "]";
  }
}
