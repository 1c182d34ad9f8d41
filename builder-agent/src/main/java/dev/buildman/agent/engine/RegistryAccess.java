package dev.buildman.agent.engine;

import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.RegistrySettings;

/**
 * How an engine reaches registries.
 *
 * @param pull credentials for base images and images that files are copied from
 * @param push credentials for the tags
 * @param settings insecure registries, time limits and repeats; its proxy and authorities too
 */
public record RegistryAccess(
    CredentialStore pull, CredentialStore push, RegistrySettings settings) {
  /** Where the build brings no credentials, the machine's own are used. */
  public RegistryAccess {
    pull = pull.orElse(settings.credentials());
    push = push.orElse(settings.credentials());
  }
}
