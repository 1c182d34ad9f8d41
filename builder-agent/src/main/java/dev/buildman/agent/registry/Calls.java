package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Ticker;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One authorised request to a registry's API, redirects followed; never repeated on failure. */
final class Calls implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;

  private final RegistrySettings settings;
  private final Endpoints endpoints;
  private final Authorizer authorizer;

  Calls(RegistrySettings settings, CredentialStore credentials, Ticker ticker) {
    this(settings, new Endpoints(settings), credentials, ticker);
  }

  private Calls(
      RegistrySettings settings, Endpoints endpoints, CredentialStore credentials, Ticker ticker) {
    this.settings = settings;
    this.endpoints = endpoints;
    this.authorizer = new Authorizer(credentials, new TokenService(settings), ticker);
  }

  /** With other credentials over the same connections, which end with either. */
  Calls with(CredentialStore credentials, Ticker ticker) {
    return new Calls(settings, endpoints, credentials, ticker);
  }

  /** A path of the registry's API as an address. */
  URI api(String registry, String path) throws RegistryException, InterruptedException {
    return endpoints.base(registry).resolve("/v2/" + path);
  }

  /**
   * Sends the request, answering one challenge.
   *
   * @return any answer that is no redirect and no challenge
   */
  Answer call(Access access, Request request) throws RegistryException, InterruptedException {
    Http http = endpoints.http(access.registry());
    try {
      Answer first = follow(access, request, authorizer.known(access, http), http);
      if (first.status() != 401) {
        return remarked(first, access);
      }
      Optional<String> header = authorizer.answer(first, access, http);
      return remarked(
          header.isEmpty() ? first : follow(access, request, header.get(), http), access);
    } catch (RegistryException e) {
      if (e.kind() == Kind.UNREACHABLE) {
        authorizer.forget(access);
      }
      throw e;
    }
  }

  private Answer remarked(Answer answer, Access access)
      throws RegistryException, InterruptedException {
    boolean refused = answer.status() == 401 || answer.status() == 403;
    return refused ? answer.askedAs(" (asked " + authorizer.who(access) + ")") : answer;
  }

  private Answer follow(Access access, Request request, @Nullable String authorization, Http http)
      throws RegistryException, InterruptedException {
    String home = endpoints.base(access.registry()).getAuthority();
    Request next = request;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      Answer answer = http.send(authorized(next, authorization, home));
      Optional<String> location = answer.header("Location");
      if (!isRedirect(answer.status(), request.method()) || location.isEmpty()) {
        return answer;
      }
      next = request.at(resolve(access, next.uri(), location.get()));
    }
    throw new RegistryException(
        Kind.PROTOCOL,
        "registry %s redirects more than %d times while %s"
            .formatted(access.registry(), MAX_REDIRECTS, request.doing()));
  }

  /** The registry's token goes to the registry alone, never to a storage it redirects to. */
  private static Request authorized(Request request, @Nullable String header, String home) {
    if (header == null || !home.equals(request.uri().getAuthority())) {
      return request;
    }
    Map<String, String> headers = new HashMap<>(request.headers());
    headers.put("Authorization", header);
    return new Request(
        request.method(),
        request.uri(),
        request.doing(),
        headers,
        request.body(),
        request.sink(),
        request.meter());
  }

  private static boolean isRedirect(int status, String method) {
    boolean reading = method.equals("GET") || method.equals("HEAD");
    return status == 307 || status == 308 || (reading && status >= 301 && status <= 303);
  }

  /** A Location that a registry sent, as an address that may be used. */
  URI resolve(Access access, URI from, String location) throws RegistryException {
    URI target;
    try {
      target = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new RegistryException(
          Kind.PROTOCOL,
          "registry %s redirects to something that is no address".formatted(access.registry()),
          e);
    }
    boolean https = "https".equals(target.getScheme());
    boolean http = "http".equals(target.getScheme()) && settings.isInsecure(access.registry());
    if (target.getHost() == null || !(https || http)) {
      throw new RegistryException(
          Kind.PROTOCOL,
          "registry %s was asked over https and redirects to %s://%s; behind a proxy it has to know"
                  .formatted(access.registry(), target.getScheme(), target.getAuthority())
              + " its own https address (X-Forwarded-Proto)");
    }
    return target;
  }

  @Override
  public void close() {
    endpoints.close();
  }
}
