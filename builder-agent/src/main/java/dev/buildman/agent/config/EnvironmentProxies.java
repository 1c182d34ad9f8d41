package dev.buildman.agent.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of {@code HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY}, in capitals or not.
 * {@code NO_PROXY} holds hosts, domains with or without a dot in front, or {@code *}; loopback is
 * never proxied.
 */
final class EnvironmentProxies extends ProxySelector {
  private static final int DEFAULT_PORT = 80;
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

  private final @Nullable Proxy http;
  private final @Nullable Proxy https;
  private final List<String> direct;

  private EnvironmentProxies(@Nullable Proxy http, @Nullable Proxy https, List<String> direct) {
    this.http = http;
    this.https = https;
    this.direct = direct;
  }

  static EnvironmentProxies of(Map<String, String> variables) {
    return new EnvironmentProxies(
        proxy(value(variables, "HTTP_PROXY")),
        proxy(value(variables, "HTTPS_PROXY")),
        Arrays.stream(value(variables, "NO_PROXY").split(",", -1))
            .map(entry -> entry.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
            .filter(entry -> !entry.isEmpty())
            .toList());
  }

  private static String value(Map<String, String> variables, String name) {
    String upper = variables.getOrDefault(name, "");
    return upper.isEmpty() ? variables.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper;
  }

  private static @Nullable Proxy proxy(String text) {
    if (text.isEmpty()) {
      return null;
    }
    URI uri = URI.create(text.contains("://") ? text : "http://" + text);
    String host = uri.getHost();
    if (host == null) {
      return null;
    }
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host, port));
  }

  @Override
  public List<Proxy> select(URI uri) {
    String host = uri.getHost();
    Proxy proxy = "https".equalsIgnoreCase(uri.getScheme()) ? https : http;
    boolean reachedDirectly =
        proxy == null || host == null || isDirect(host.toLowerCase(Locale.ROOT));
    return List.of(reachedDirectly ? Proxy.NO_PROXY : proxy);
  }

  private boolean isDirect(String host) {
    return LOOPBACK.contains(host)
        || direct.stream()
            .anyMatch(
                entry -> entry.equals("*") || host.equals(entry) || host.endsWith("." + entry));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The request says it.
  }
}
