package dev.buildman.agent.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A name and a password, or an identity token, for one registry. Never printed.
 *
 * @param username empty together with the password when there is only an identity token
 * @param password the secret of Basic authentication and of token requests
 * @param identityToken an OAuth2 refresh token; null when there is none
 */
public record Credentials(String username, String password, @Nullable String identityToken) {
  /** The user under which Quay takes a build's own pull and push tokens. */
  public static final String QUAY_TOKEN_USER = "$token";

  /** A name and a password. */
  public Credentials(String username, String password) {
    this(username, password, null);
  }

  /** A token of Quay's, which it takes as the password of {@link #QUAY_TOKEN_USER}. */
  public static Credentials quayToken(String token) {
    return new Credentials(QUAY_TOKEN_USER, token);
  }

  /** An OAuth2 refresh token, as {@code docker login} keeps it for some registries. */
  public static Credentials identity(String token) {
    return new Credentials("", "", token);
  }

  boolean hasPassword() {
    return !password.isEmpty() || (!username.isEmpty() && identityToken == null);
  }

  /** The name, as it stands in messages. */
  String who() {
    return username.isEmpty() ? "the holder of an identity token" : username;
  }

  String basicHeader() {
    byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  @Override
  public String toString() {
    return "Credentials[username=" + username + ", password=***]";
  }
}
