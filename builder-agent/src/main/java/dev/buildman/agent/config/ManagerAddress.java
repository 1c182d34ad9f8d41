package dev.buildman.agent.config;

import java.nio.file.Path;

/**
 * Where the manager listens for agents.
 *
 * @param host a name or address; an IPv6 address without its brackets
 * @param port from 1 to 65535
 * @param transport how the connection is protected
 */
public record ManagerAddress(String host, int port, Transport transport) {

  /** How the connection is protected. */
  public sealed interface Transport {
    /** Not at all. */
    record Plaintext() implements Transport {}

    /** By TLS, with the authorities that the platform trusts. */
    record PlatformTrust() implements Transport {}

    /** By TLS, with the authorities of a PEM file only. */
    record TrustFile(Path certificates) implements Transport {}
  }

  /** As in {@code SERVER}. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
