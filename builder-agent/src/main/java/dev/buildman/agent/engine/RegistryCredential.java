package dev.buildman.agent.engine;

/**
 * Who the agent is at a registry. {@code toString} shows no secret.
 *
 * @param username as the registry knows it; Quay's tokens use {@code $token}
 * @param password password or token; empty when an identity token is given
 * @param identityToken an OAuth2 refresh token; empty when there is none
 */
public record RegistryCredential(String username, String password, String identityToken) {

  /** A user name with a password or token. */
  public static RegistryCredential basic(String username, String password) {
    return new RegistryCredential(username, password, "");
  }

  @Override
  public String toString() {
    return "RegistryCredential[" + username + "]";
  }
}
