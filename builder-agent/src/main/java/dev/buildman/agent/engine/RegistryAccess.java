package dev.buildman.agent.engine;

import org.jspecify.annotations.Nullable;

/** How registries are reached. Safe for use by many threads. */
public interface RegistryAccess {

  /** What a credential is wanted for. */
  enum Purpose {
    PULL,
    PUSH
  }

  /**
   * The credential for a repository.
   *
   * @param registry host and port as in the reference; {@code docker.io} for references without a
   *     host
   * @param repository namespace and name, without tag
   * @return null for anonymous access
   */
  @Nullable RegistryCredential credential(String registry, String repository, Purpose purpose);

  /**
   * Whether the registry may be spoken to over plain HTTP or with a certificate that cannot be
   * verified.
   */
  boolean insecure(String registry);
}
