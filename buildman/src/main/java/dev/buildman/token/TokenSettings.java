package dev.buildman.token;

import dev.buildman.model.Secret;
import java.util.List;

/**
 * What tokens are made from.
 *
 * @param keys the installation's secrets, newest first: the first one signs, all of them verify
 * @param issuer the manager's host name; {@code quay} where none is set
 * @param audience the host that agents dial; a token for another one is foreign
 */
public record TokenSettings(List<Secret> keys, String issuer, String audience) {
  /** The issuer where no host name is set, as Quay's own tokens have it. */
  public static final String DEFAULT_ISSUER = "quay";

  public TokenSettings {
    keys = List.copyOf(keys);
    if (keys.isEmpty() || keys.stream().anyMatch(Secret::isEmpty)) {
      throw new IllegalArgumentException(
          "no SECRET_KEY is set: tokens cannot be signed. Set SECRET_KEY, or SECRET_KEYS with the"
              + " newest first");
    }
    issuer = issuer.isBlank() ? DEFAULT_ISSUER : issuer;
  }
}
