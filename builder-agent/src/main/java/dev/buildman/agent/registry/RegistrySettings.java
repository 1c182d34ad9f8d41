package dev.buildman.agent.registry;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How registries are spoken to.
 *
 * @param insecure registries whose certificate is not checked and that may be spoken to over plain
 *     http; compared in {@link Repository#canonical one spelling}. Loopback addresses always are,
 *     unless they have certificates of their own.
 * @param mirrors where images may be pulled before the registry itself is asked
 * @param times how long and how often
 * @param chunkBytes blobs above it are pushed in chunks of this size; 0 pushes each blob whole
 * @param transport what the machine's network needs
 * @param credentials of this machine, for what a build brings none for
 */
public record RegistrySettings(
    Set<String> insecure,
    Mirrors mirrors,
    Times times,
    long chunkBytes,
    Transport transport,
    CredentialSource credentials) {
  private static final int MIN_CHUNK = 4096;
  private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}");

  /**
   * How long and how often.
   *
   * @param connect until a connection stands
   * @param idle without a byte moved in either direction before a transfer is given up
   * @param tries of each request that fails for a transient reason, at least 1
   */
  public record Times(Duration connect, Duration idle, int tries) {}

  /**
   * What the machine's network needs.
   *
   * @param tls trusted authorities; null for the platform's own
   * @param proxy null for the platform's own
   * @param certificates of single registries
   */
  public record Transport(
      @Nullable SSLContext tls, @Nullable ProxySelector proxy, Certificates certificates) {
    /** The platform's own, for every registry. */
    public static final Transport PLATFORM = new Transport(null, null, Certificates.NONE);

    /** No certificates of single registries. */
    public Transport(@Nullable SSLContext tls, @Nullable ProxySelector proxy) {
      this(tls, proxy, Certificates.NONE);
    }
  }

  /** Brings the insecure registries to one spelling; refuses values that make no sense. */
  public RegistrySettings {
    insecure = insecure.stream().map(Repository::canonical).collect(Collectors.toUnmodifiableSet());
    if (times.tries < 1 || (chunkBytes != 0 && chunkBytes < MIN_CHUNK)) {
      throw new IllegalArgumentException(
          "tries is at least 1, chunkBytes 0 or at least " + MIN_CHUNK);
    }
  }

  /** Nothing insecure but loopback, no mirrors; 10 s to connect, 60 s idle, 6 tries, no chunks. */
  public static RegistrySettings defaults() {
    Times times = new Times(Duration.ofSeconds(10), Duration.ofSeconds(60), 6);
    return new RegistrySettings(
        Set.of(), Mirrors.NONE, times, 0, Transport.PLATFORM, CredentialSource.NONE);
  }

  /** The same with these insecure registries too. */
  public RegistrySettings withInsecure(Set<String> registries) {
    Set<String> all = new HashSet<>(insecure);
    all.addAll(registries);
    return new RegistrySettings(all, mirrors, times, chunkBytes, transport, credentials);
  }

  /** The same with these mirrors instead. */
  public RegistrySettings withMirrors(Mirrors other) {
    return new RegistrySettings(insecure, other, times, chunkBytes, transport, credentials)
        .withInsecure(other.insecure());
  }

  /** The same with pushes in chunks of this many bytes; 0 pushes each blob whole. */
  public RegistrySettings withChunkBytes(long bytes) {
    return new RegistrySettings(insecure, mirrors, times, bytes, transport, credentials);
  }

  /** The same with this idle time. */
  public RegistrySettings withIdleTimeout(Duration idle) {
    Times other = new Times(times.connect, idle, times.tries);
    return new RegistrySettings(insecure, mirrors, other, chunkBytes, transport, credentials);
  }

  /** The same with this many tries. */
  public RegistrySettings withTries(int count) {
    Times other = new Times(times.connect, times.idle, count);
    return new RegistrySettings(insecure, mirrors, other, chunkBytes, transport, credentials);
  }

  /** The same with other authorities or another proxy. */
  public RegistrySettings withTransport(Transport other) {
    return new RegistrySettings(insecure, mirrors, times, chunkBytes, other, credentials);
  }

  /** The same with these credentials of the machine's own. */
  public RegistrySettings withCredentials(CredentialSource own) {
    return new RegistrySettings(insecure, mirrors, times, chunkBytes, transport, own);
  }

  /** Tries of each request that fails for a transient reason, at least 1. */
  public int tries() {
    return times.tries;
  }

  /** Whether this registry may be spoken to without a checked certificate. */
  public boolean isInsecure(String registry) {
    return insecure.contains(registry)
        || (isLoopback(registry) && transport.certificates.folder(registry).isEmpty());
  }

  private static boolean isLoopback(String registry) {
    String host =
        registry.startsWith("[")
            ? registry.substring(1, registry.indexOf(']'))
            : registry.replaceFirst(":[0-9]+$", "");
    return host.equals("localhost") || host.equals("::1") || LOOPBACK.matcher(host).matches();
  }
}
