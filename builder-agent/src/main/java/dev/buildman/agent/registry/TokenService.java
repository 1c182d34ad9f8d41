package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Fetches bearer tokens from the realm that a registry names, which may be another host; that is
 * the protocol's way, so the realm has to be https unless the registry is insecure. An identity
 * token goes in a form (OAuth2), a name and password in Basic authentication.
 */
final class TokenService {
  private static final String CLIENT_ID = "buildman";

  /** Of a token that says nothing else, by the protocol. */
  private static final Duration SHORTEST = Duration.ofSeconds(60);

  private final RegistrySettings settings;
  private final Map<String, String> renewed = new ConcurrentHashMap<>();

  /**
   * A token; a secret.
   *
   * @param life how long it is good, from when it was asked for
   */
  record Token(String text, Duration life) {
    @Override
    public String toString() {
      return "Token[life=" + life + "]";
    }
  }

  TokenService(RegistrySettings settings) {
    this.settings = settings;
  }

  Token fetch(Challenge challenge, Access access, @Nullable Credentials known, Http http)
      throws RegistryException, InterruptedException {
    URI realm = realm(challenge, access.registry());
    String service = challenge.parameter("service");
    Set<String> scopes = scopes(challenge, access);
    Answer answer;
    String identity = known == null ? null : known.identityToken();
    if (known != null && identity != null) {
      answer = http.send(refreshRequest(realm, service, scopes, renewed(realm, identity)));
      // A realm that knows no OAuth2 may still take the name and password that came along.
      if ((answer.status() == 404 || answer.status() == 405) && known.hasPassword()) {
        answer = http.send(tokenRequest(realm, service, scopes, known));
      }
    } else {
      answer = http.send(tokenRequest(realm, service, scopes, known));
    }
    if (!answer.ok()) {
      String asking = "asking %s for a token".formatted(realm.getAuthority());
      throw Refusals.of(
          answer.askedAs(known == null ? " without credentials" : " as " + known.who()),
          access.registry(),
          asking);
    }
    JsonNode body = Json.object(answer.body()).orElseThrow(() -> noToken(access, realm));
    if (identity != null && !body.path("refresh_token").asText("").isEmpty()) {
      renewed.put(key(realm, identity), body.path("refresh_token").asText());
    }
    return token(body, access, realm);
  }

  private static Token token(JsonNode body, Access access, URI realm) throws RegistryException {
    String token = body.path("token").asText(body.path("access_token").asText(""));
    if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw noToken(access, realm);
    }
    long seconds = body.path("expires_in").asLong(0);
    return new Token(token, seconds > 0 ? Duration.ofSeconds(seconds) : SHORTEST);
  }

  private static Set<String> scopes(Challenge challenge, Access access) {
    Set<String> scopes = new LinkedHashSet<>(access.scopes());
    if (access.mountFrom() == null) {
      for (String scope : challenge.parameter("scope").split(" ", -1)) {
        // What a HEAD is challenged for is less than the push that follows needs.
        String resource = scope.substring(0, scope.lastIndexOf(':') + 1);
        if (!resource.isEmpty() && scopes.stream().noneMatch(own -> own.startsWith(resource))) {
          scopes.add(scope);
        }
      }
    }
    return scopes;
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

  /** Some services give a new refresh token with each answer and forget the old one. */
  private String renewed(URI realm, String identity) {
    return renewed.getOrDefault(key(realm, identity), identity);
  }

  private static String key(URI realm, String identity) {
    return realm + " " + identity;
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
      URI realm, String service, Set<String> scopes, String identity) {
    StringBuilder form = new StringBuilder();
    append(form, "grant_type", "refresh_token");
    append(form, "service", service);
    append(form, "client_id", CLIENT_ID);
    append(form, "scope", String.join(" ", scopes));
    append(form, "refresh_token", identity);
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
