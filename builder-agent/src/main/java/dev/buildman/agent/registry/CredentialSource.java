package dev.buildman.agent.registry;

import java.util.Optional;

/** Where credentials may be had beside a {@link CredentialStore}. Safe for any thread. */
@FunctionalInterface
public interface CredentialSource {
  /** Has none. */
  CredentialSource NONE = repository -> Optional.empty();

  /**
   * The credentials for a repository, or empty when it has none. May run a program.
   *
   * @throws RegistryException LOCAL when it should know and failed
   */
  Optional<Credentials> find(Repository repository) throws RegistryException, InterruptedException;
}
