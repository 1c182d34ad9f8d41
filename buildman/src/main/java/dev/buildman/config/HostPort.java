package dev.buildman.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host with a port, to listen on or to dial.
 *
 * @param host a name or an address; an IPv6 address stands without its brackets
 * @param port 0 to 65535; 0 lets the system choose
 */
public record HostPort(String host, int port) {

  private static final Pattern FORM =
      Pattern.compile("(?:\\[([0-9A-Fa-f:.%]+)]|([^:\\[\\]/\\s]+))(?::(\\d{1,5}))?");

  /** Checks the range of the port. */
  public HostPort {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is 0 to 65535: " + port);
    }
  }

  /**
   * Reads {@code host:port}, {@code [ipv6]:port}, or a host alone with the given port; empty when
   * the text is none of them.
   *
   * @param defaultPort the port of a host without one; negative when a port has to be there
   */
  public static Optional<HostPort> parse(String text, int defaultPort) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    int port = matcher.group(3) == null ? defaultPort : Integer.parseInt(matcher.group(3));
    return port < 0 || port > 65_535 ? Optional.empty() : Optional.of(new HostPort(host, port));
  }

  /** Whether the host is this machine's loopback, by its name or address alone. */
  public boolean isLoopback() {
    return host.equalsIgnoreCase("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
