package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Repository;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Credentials in the form of the two headers that daemons take. */
final class DaemonAuth {

  /** The key under which all Docker programs keep the Hub's credentials. */
  private static final String HUB = "https://index.docker.io/v1/";

  private DaemonAuth() {}

  /** {@code X-Registry-Auth} for one image; null without credentials for it. */
  static @Nullable String one(CredentialStore store, Repository repository) {
    return store
        .find(repository)
        .map(found -> encoded(describe(Json.newObject(), found, repository.registry())))
        .orElse(null);
  }

  /**
   * {@code X-Registry-Config}: all credentials that are for a whole registry, as the header has no
   * place for a part of one.
   */
  static String all(CredentialStore store) {
    ObjectNode root = Json.newObject();
    store
        .byScope()
        .forEach(
            (scope, credentials) -> {
              if (scope.indexOf('/') < 0) {
                describe(root.putObject(address(scope)), credentials, scope);
              }
            });
    return encoded(root);
  }

  private static ObjectNode describe(ObjectNode object, Credentials known, String registry) {
    object.put("serveraddress", address(registry));
    if (known.identityToken() != null) {
      return object.put("identitytoken", known.identityToken());
    }
    return object.put("username", known.username()).put("password", known.password());
  }

  private static String address(String registry) {
    return registry.equals("docker.io") ? HUB : registry;
  }

  private static String encoded(ObjectNode object) {
    return Base64.getUrlEncoder().encodeToString(Json.write(object));
  }
}
