package dev.buildman.session;

import dev.buildman.model.AgentKind;
import java.util.Set;

/**
 * How an agent introduces itself. Nothing of it is proof; its token is.
 *
 * @param version empty: Quay's
 * @param hostname of its worker, for people; empty: not said
 * @param capabilities words of {@link dev.buildman.model.Capability}; empty: what Quay's can do
 */
public record AgentHello(String version, String hostname, Set<String> capabilities) {
  public AgentHello {
    capabilities = Set.copyOf(capabilities);
  }

  /** Whose agent it is. */
  public AgentKind kind() {
    return version.isEmpty() ? AgentKind.QUAY : AgentKind.OURS;
  }
}
