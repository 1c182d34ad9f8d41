package dev.buildman.agent.registry;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How registries are spoken to.
 *
 * @param insecure registries whose certificate is not checked and that may be spoken to over plain
 *     http; compared in {@link Repository#canonical one spelling}. Loopback addresses always are.
 * @param connectTimeout until a connection stands
 * @param idleTimeout without a byte moved in either direction before a transfer is given up
 * @param tries of each request that fails for a transient reason, at least 1
 * @param chunkBytes blobs above it are pushed in chunks of this size; 0 pushes each blob whole
 * @param transport what the machine's network needs
 */
public record RegistrySettings(
    Set<String> insecure,
    Duration connectTimeout,
    Duration idleTimeout,
    int tries,
    long chunkBytes,
    Transport transport) {
  private static final int MIN_CHUNK = 4096;
  private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}");

  /**
   * What the machine's network needs.
   *
   * @param tls trusted authorities; null for the platform's own
   * @param proxy null for the platform's own
   */
  public record Transport(@Nullable SSLContext tls, @Nullable ProxySelector proxy) {
    /** The platform's own of both. */
    public static final Transport PLATFORM = new Transport(null, null);
  }

  /** Brings the insecure registries to one spelling; refuses values that make no sense. */
  public RegistrySettings {
    insecure = insecure.stream().map(Repository::canonical).collect(Collectors.toUnmodifiableSet());
    if (tries < 1 || (chunkBytes != 0 && chunkBytes < MIN_CHUNK)) {
      throw new IllegalArgumentException(
          "tries is at least 1, chunkBytes 0 or at least " + MIN_CHUNK);
    }
  }

  /** Nothing insecure but loopback; 10 s to connect, 60 s idle, 6 tries, no chunks. */
  public static RegistrySettings defaults() {
    return new RegistrySettings(
        Set.of(), Duration.ofSeconds(10), Duration.ofSeconds(60), 6, 0, Transport.PLATFORM);
  }

  /** The same with these insecure registries. */
  public RegistrySettings withInsecure(Set<String> registries) {
    return new RegistrySettings(
        registries, connectTimeout, idleTimeout, tries, chunkBytes, transport);
  }

  /** The same with pushes in chunks of this many bytes; 0 pushes each blob whole. */
  public RegistrySettings withChunkBytes(long bytes) {
    return new RegistrySettings(insecure, connectTimeout, idleTimeout, tries, bytes, transport);
  }

  /** The same with this idle time. */
  public RegistrySettings withIdleTimeout(Duration idle) {
    return new RegistrySettings(insecure, connectTimeout, idle, tries, chunkBytes, transport);
  }

  /** The same with this many tries. */
  public RegistrySettings withTries(int count) {
    return new RegistrySettings(
        insecure, connectTimeout, idleTimeout, count, chunkBytes, transport);
  }

  /** The same with other authorities or another proxy. */
  public RegistrySettings withTransport(Transport other) {
    return new RegistrySettings(insecure, connectTimeout, idleTimeout, tries, chunkBytes, other);
  }

  /** Whether this registry may be spoken to without a checked certificate. */
  public boolean isInsecure(String registry) {
    return insecure.contains(registry) || isLoopback(registry);
  }

  private static boolean isLoopback(String registry) {
    String host =
        registry.startsWith("[")
            ? registry.substring(1, registry.indexOf(']'))
            : registry.replaceFirst(":[0-9]+$", "");
    return host.equals("localhost") || host.equals("::1") || LOOPBACK.matcher(host).matches();
  }
}
