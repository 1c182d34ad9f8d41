package dev.buildman.agent.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which credentials go to which registry. A key is a registry ({@code quay.io}) or a registry with
 * the beginning of a repository path ({@code quay.io/team}); the longest key that matches on whole
 * path components wins. A registry whose name merely begins with a key gets nothing.
 */
public final class CredentialStore {
  private static final CredentialStore NONE = new CredentialStore(Map.of(), null);

  private final Map<String, Credentials> byScope;
  private final @Nullable CredentialSource others;

  private CredentialStore(Map<String, Credentials> byScope, @Nullable CredentialSource others) {
    this.byScope = byScope;
    this.others = others;
  }

  /** A store that knows nothing: every request is anonymous. */
  public static CredentialStore none() {
    return NONE;
  }

  /** A store of these; keys are brought to {@link Repository#canonical one spelling}. */
  public static CredentialStore of(Map<String, Credentials> byScope) {
    Map<String, Credentials> canonical = new LinkedHashMap<>();
    byScope.forEach((scope, credentials) -> canonical.put(scope(scope), credentials));
    return new CredentialStore(Map.copyOf(canonical), null);
  }

  /** The same with a source for what it does not know itself, as the worker's own credentials. */
  public CredentialStore orElse(CredentialSource source) {
    return new CredentialStore(byScope, source);
  }

  static String scope(String key) {
    String registry = Repository.canonical(key);
    int scheme = key.indexOf("://");
    String rest = scheme >= 0 ? key.substring(scheme + 3) : key;
    int slash = rest.indexOf('/');
    String path = slash < 0 ? "" : rest.substring(slash + 1).replaceAll("/+$", "");
    // Docker's own file names the Hub https://index.docker.io/v1/; its path is an API version.
    boolean apiVersion = path.equals("v1") || path.equals("v2");
    return path.isEmpty() || apiVersion ? registry : registry + "/" + path;
  }

  /**
   * The credentials for this repository, of the store or its source, or empty for an anonymous
   * request. May run a program.
   *
   * @throws RegistryException LOCAL when the source fails
   */
  public Optional<Credentials> resolve(Repository repository)
      throws RegistryException, InterruptedException {
    Optional<Credentials> own = find(repository);
    return own.isPresent() || others == null ? own : others.find(repository);
  }

  /** The credentials that the store itself has for this repository, or empty. */
  public Optional<Credentials> find(Repository repository) {
    String scope = repository.toString();
    while (true) {
      Credentials found = byScope.get(scope);
      if (found != null) {
        return Optional.of(found);
      }
      int slash = scope.lastIndexOf('/');
      if (slash < 0) {
        return Optional.empty();
      }
      scope = scope.substring(0, slash);
    }
  }

  /** The scopes that have credentials, for engines that need them in a file. */
  public Map<String, Credentials> byScope() {
    return byScope;
  }

  @Override
  public String toString() {
    return "CredentialStore" + byScope.keySet();
  }
}
