package dev.buildman.session;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * All that an agent needs to build, with opened secrets. It goes to that agent and nowhere else.
 *
 * @param jobToken speaks for the session
 * @param spec with what is added to every build
 * @param source an uploaded one stands as the signed URL that serves it
 * @param packageDigest of what the URL serves, sha256:&lt;hex&gt;; empty: not known
 * @param timeLeft of the client's time limit; empty: none
 * @param heartbeat wanted pause between heartbeats
 * @param lease how long one good heartbeat holds the session
 * @param insecureRegistries that may be spoken to over plain HTTP
 */
public record WorkOrder(
    SessionRef session,
    AgentKind agent,
    String jobToken,
    BuildSpec spec,
    Source source,
    String packageDigest,
    Optional<Duration> timeLeft,
    Duration heartbeat,
    Duration lease,
    List<String> insecureRegistries) {
  public WorkOrder {
    insecureRegistries = List.copyOf(insecureRegistries);
  }

  @Override
  public String toString() {
    return "WorkOrder[" + session.attempt() + ", session=" + session.session() + "]";
  }
}
