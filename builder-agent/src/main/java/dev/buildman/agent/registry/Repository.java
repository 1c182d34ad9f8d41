package dev.buildman.agent.registry;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A repository of a registry.
 *
 * @param registry host with an optional port, as a person names it: {@code docker.io}, {@code
 *     quay.io}, {@code localhost:5000}
 * @param path the repository's path in it: {@code library/busybox}
 */
public record Repository(String registry, String path) {
  private static final int MAX_LENGTH = 255; // of registry and path, as the reference grammar says
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*"
              + "|\\[[0-9a-fA-F:]+])(?::[0-9]{1,5})?");
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern PATH = Pattern.compile(COMPONENT + "(?:/" + COMPONENT + ")*");

  /** Checks both parts; throws {@link IllegalArgumentException} with the value at fault. */
  public Repository {
    if (!REGISTRY.matcher(registry).matches()) {
      throw new IllegalArgumentException("not a registry's host[:port]: " + registry);
    }
    registry = canonical(registry);
    if (registry.length() + path.length() + 1 > MAX_LENGTH) {
      throw new IllegalArgumentException("a repository's name has at most 255 characters: " + path);
    }
    // The length is checked first: it bounds what the pattern has to look at.
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "not a repository (lower-case letters, digits and single . _ - / between them): " + path);
    }
  }

  /**
   * The one spelling of a registry's name, under which credentials and settings are compared: lower
   * case, no scheme or path, Docker Hub's several names as {@code docker.io}.
   */
  public static String canonical(String registry) {
    String host = registry.strip().toLowerCase(Locale.ROOT);
    int scheme = host.indexOf("://");
    if (scheme >= 0) {
      host = host.substring(scheme + 3);
    }
    int slash = host.indexOf('/');
    if (slash >= 0) {
      host = host.substring(0, slash);
    }
    return switch (host) {
      case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com" -> "docker.io";
      default -> host;
    };
  }

  @Override
  public String toString() {
    return registry + "/" + path;
  }
}
