package dev.buildman.agent.registry;

import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers registries' challenges and keeps what it got for the next request of the same access. A
 * token is renewed before it runs out: a body that was sent with an old one would travel twice.
 */
final class Authorizer {
  /** Of a token's life that is not used: for the request that begins with it. */
  private static final int UNUSED_SHARE = 5;

  private final CredentialStore credentials;
  private final TokenService tokens;
  private final Ticker ticker;
  private final Map<Access, Known> known = new ConcurrentHashMap<>();

  /**
   * What served an access.
   *
   * @param header a secret
   * @param life null where it does not end
   */
  private record Known(Challenge challenge, String header, long since, @Nullable Duration life) {
    @Override
    public String toString() {
      return "Known[life=" + life + "]";
    }
  }

  Authorizer(CredentialStore credentials, TokenService tokens, Ticker ticker) {
    this.credentials = credentials;
    this.tokens = tokens;
    this.ticker = ticker;
  }

  /** The header for this access, or null while no challenge was seen. */
  @Nullable String known(Access access, Http http) throws RegistryException, InterruptedException {
    Known last = known.get(access);
    if (last == null || isFresh(last)) {
      return last == null ? null : last.header;
    }
    return fetch(last.challenge, access, http).orElse(null);
  }

  private boolean isFresh(Known last) {
    return last.life == null
        || ticker.since(last.since).compareTo(last.life.minus(last.life.dividedBy(UNUSED_SHARE)))
            < 0;
  }

  /** Forgets it, as after a broken upload: servers cut the connection when a token ran out. */
  void forget(Access access) {
    known.remove(access);
  }

  /**
   * A new header for this access, as a 401 asks for it; empty when there is nothing to answer with.
   */
  Optional<String> answer(Answer refused, Access access, Http http)
      throws RegistryException, InterruptedException {
    Optional<Challenge> challenge = Challenge.best(refused.headers().allValues("WWW-Authenticate"));
    return challenge.isEmpty() ? Optional.empty() : fetch(challenge.get(), access, http);
  }

  private Optional<String> fetch(Challenge challenge, Access access, Http http)
      throws RegistryException, InterruptedException {
    Optional<Credentials> mine = credentials.resolve(access.repository());
    long asked = ticker.nanos();
    Known fetched;
    if (challenge.scheme().equals("basic")) {
      if (mine.filter(Credentials::hasPassword).isEmpty()) {
        return Optional.empty();
      }
      fetched = new Known(challenge, mine.get().basicHeader(), asked, null);
    } else {
      TokenService.Token token = tokens.fetch(challenge, access, mine.orElse(null), http);
      fetched = new Known(challenge, "Bearer " + token.text(), asked, token.life());
    }
    known.put(access, fetched);
    return Optional.of(fetched.header);
  }

  /** With whose credentials an access is asked for, in words. */
  String who(Access access) throws RegistryException, InterruptedException {
    return credentials
        .resolve(access.repository())
        .map(mine -> "as " + mine.who())
        .orElse("without credentials");
  }
}
