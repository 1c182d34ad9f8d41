package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a registry's API is. Registries are spoken to over checked https; one that is insecure (by
 * configuration, or on loopback as docker has it) may also be spoken to over https with any
 * certificate or over plain http; which, is found out once per client.
 */
final class Endpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Endpoints.class);

  private final RegistrySettings settings;
  private static final String CHECKED = "";
  private static final String UNCHECKED = "*";

  private final Map<String, Http> clients = new ConcurrentHashMap<>();
  private final Map<String, URI> found = new ConcurrentHashMap<>();

  Endpoints(RegistrySettings settings) {
    this.settings = settings;
  }

  /** The way to speak to this registry. */
  Http http(String registry) throws RegistryException {
    if (settings.isInsecure(registry)) {
      return unchecked();
    }
    Optional<SSLContext> own =
        clients.containsKey(registry)
            ? Optional.empty()
            : settings.transport().certificates().context(registry);
    if (own.isPresent()) {
      return clients.computeIfAbsent(registry, name -> new Http(settings, own.get()));
    }
    Http ofItsOwn = clients.get(registry);
    return ofItsOwn != null ? ofItsOwn : client(CHECKED, settings.transport()::tls);
  }

  private Http unchecked() {
    return client(UNCHECKED, UncheckedTls::context);
  }

  /** Made when first needed, as most builds need one of them and each costs a thread. */
  private Http client(String name, Supplier<@Nullable SSLContext> tls) {
    return clients.computeIfAbsent(name, key -> new Http(settings, tls.get()));
  }

  /** Scheme and authority of the registry's API, without a path. */
  URI base(String registry) throws RegistryException, InterruptedException {
    String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    if (!settings.isInsecure(registry)) {
      return URI.create("https://" + host);
    }
    URI known = found.get(registry);
    if (known == null) {
      known = probe(registry, host);
      found.put(registry, known);
    }
    return known;
  }

  private URI probe(String registry, String host) throws RegistryException, InterruptedException {
    URI https = URI.create("https://" + host);
    URI http = URI.create("http://" + host);
    // On a port of its own a server speaks one of the two. Plain http is asked first there, since
    // a TLS server answers it at once, while many plain servers wait for more of a TLS greeting.
    boolean plainFirst = host.matches(".*:[0-9]+");
    if (plainFirst ? !speaks(http) : speaks(https)) {
      return https;
    }
    if (!plainFirst) {
      ping(http);
    }
    log.info("registry is spoken to over plain http: registry={}", registry);
    return http;
  }

  private boolean speaks(URI base) throws RegistryException, InterruptedException {
    try {
      Answer answer = ping(base);
      // 400 is what TLS servers say to plain http; some redirect to https instead.
      boolean elsewhere = answer.header("Location").orElse("").startsWith("https:");
      return base.getScheme().equals("https") || (answer.status() != 400 && !elsewhere);
    } catch (RegistryException e) {
      // A server of the other kind shows as a broken handshake or as a broken connection.
      if (e.kind() != Kind.TLS && e.kind() != Kind.UNREACHABLE) {
        throw e;
      }
      return false;
    }
  }

  private Answer ping(URI base) throws RegistryException, InterruptedException {
    return unchecked()
        .send(
            new Request(
                "GET",
                base.resolve("/v2/"),
                "looking for its API",
                Map.of(),
                null,
                null,
                Meter.silent()));
  }

  @Override
  public void close() {
    clients.values().forEach(Http::close);
  }
}
