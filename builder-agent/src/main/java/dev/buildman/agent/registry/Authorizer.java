package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers registries' challenges and keeps what it got for the next request of the same access.
 * Bearer tokens are fetched from the realm that the registry names, which may be another host; that
 * is the protocol's way, so the realm has to be https unless the registry is insecure.
 */
final class Authorizer {
  private static final String CLIENT_ID = "buildman";

  private final CredentialStore credentials;
  private final RegistrySettings settings;
  private final Map<Access, String> headers = new ConcurrentHashMap<>();

  Authorizer(CredentialStore credentials, RegistrySettings settings) {
    this.credentials = credentials;
    this.settings = settings;
  }

  /** The header that last served this access, or null. */
  @Nullable String known(Access access) {
    return headers.get(access);
  }

  /** Forgets it, as after a broken upload: servers cut the connection when a token ran out. */
  void forget(Access access) {
    headers.remove(access);
  }

  /**
   * A new header for this access, as a 401 asks for it; empty when there is nothing to answer with.
   */
  Optional<String> answer(Answer refused, Access access, Http http)
      throws RegistryException, InterruptedException {
    Optional<Challenge> challenge = Challenge.best(refused.headers().allValues("WWW-Authenticate"));
    if (challenge.isEmpty()) {
      return Optional.empty();
    }
    Optional<Credentials> known = credentials.find(access.repository());
    Optional<String> header =
        challenge.get().scheme().equals("basic")
            ? known.filter(Credentials::hasPassword).map(Credentials::basicHeader)
            : Optional.of("Bearer " + token(challenge.get(), access, known.orElse(null), http));
    header.ifPresent(value -> headers.put(access, value));
    return header;
  }

  private String token(Challenge challenge, Access access, @Nullable Credentials known, Http http)
      throws RegistryException, InterruptedException {
    URI realm = realm(challenge, access.registry());
    Set<String> scopes = new LinkedHashSet<>(access.scopes());
    if (!challenge.parameter("scope").isEmpty() && access.mountFrom() == null) {
      scopes.addAll(List.of(challenge.parameter("scope").split(" ")));
    }
    String service = challenge.parameter("service");
    Request request =
        known != null && known.identityToken() != null && !known.hasPassword()
            ? refreshRequest(realm, service, scopes, known)
            : tokenRequest(realm, service, scopes, known);
    Answer answer = http.send(request);
    if (!answer.ok()) {
      throw Refusals.of(
          answer,
          access.registry(),
          "asking %s for a token (%s)"
              .formatted(
                  realm.getAuthority(),
                  known == null ? "without credentials" : "as " + known.username()));
    }
    JsonNode body = Json.object(answer.body()).orElseThrow(() -> noToken(access, realm));
    String token = body.path("token").asText(body.path("access_token").asText(""));
    if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw noToken(access, realm);
    }
    return token;
  }

  private static RegistryException noToken(Access access, URI realm) {
    return new RegistryException(
        Kind.PROTOCOL,
        "registry %s: its token service %s gave no token"
            .formatted(access.registry(), realm.getAuthority()));
  }

  private URI realm(Challenge challenge, String registry) throws RegistryException {
    String realm = challenge.parameter("realm");
    try {
      URI uri = URI.create(realm);
      boolean https = "https".equalsIgnoreCase(uri.getScheme());
      boolean http = "http".equalsIgnoreCase(uri.getScheme()) && settings.isInsecure(registry);
      if (uri.getHost() != null && (https || http)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one message.
    }
    throw new RegistryException(
        Kind.PROTOCOL,
        "registry %s sends credentials to '%s', which is no https address; they were not sent"
            .formatted(registry, realm));
  }

  private static Request tokenRequest(
      URI realm, String service, Set<String> scopes, @Nullable Credentials known) {
    StringBuilder query = new StringBuilder();
    if (!service.isEmpty()) {
      append(query, "service", service);
    }
    scopes.forEach(scope -> append(query, "scope", scope));
    Map<String, String> headers = new HashMap<>();
    if (known != null && known.hasPassword()) {
      append(query, "account", known.username());
      headers.put("Authorization", known.basicHeader());
    }
    String separator = realm.getRawQuery() == null ? "?" : "&";
    URI uri = URI.create(realm + separator + query);
    return new Request("GET", uri, "asking for a token", headers, null, null, Meter.silent());
  }

  private static Request refreshRequest(
      URI realm, String service, Set<String> scopes, Credentials known) {
    StringBuilder form = new StringBuilder();
    append(form, "grant_type", "refresh_token");
    append(form, "service", service);
    append(form, "client_id", CLIENT_ID);
    append(form, "scope", String.join(" ", scopes));
    append(form, "refresh_token", String.valueOf(known.identityToken()));
    Map<String, String> headers = Map.of("Content-Type", "application/x-www-form-urlencoded");
    Body body = Body.of(form.toString().getBytes(StandardCharsets.UTF_8));
    return new Request("POST", realm, "asking for a token", headers, body, null, Meter.silent());
  }

  private static void append(StringBuilder query, String name, String value) {
    query
        .append(query.isEmpty() ? "" : "&")
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }
}
