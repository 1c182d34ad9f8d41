package dev.buildman.executor;

import java.util.Map;

/** What every kind of executor tells the agents in their environment, each fact in one place. */
public final class AgentVariables {
  private AgentVariables() {}

  /**
   * How buildah separates its steps from their host.
   *
   * @param how a value of {@code BUILDAH_ISOLATION}
   */
  public static void isolation(Map<String, String> environment, String how) {
    environment.put("BUILDAH_ISOLATION", how);
    // As Quay's agent spells it.
    environment.put("BULDAH_ISOLATION", how);
  }

  /**
   * Who vouches for the managers.
   *
   * @param file as the agent sees it
   */
  public static void authority(Map<String, String> environment, String file) {
    environment.put("TLS_CERT_PATH", file);
  }

  /**
   * Who vouches for registries and sources, beside whom the agent trusts anyway.
   *
   * @param file as the agent sees it
   */
  public static void moreAuthorities(Map<String, String> environment, String file) {
    environment.put("SSL_CERT_FILE", file);
    // git asks no other.
    environment.put("GIT_SSL_CAINFO", file);
  }
}
