package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a registry's API is. Registries are spoken to over checked https; one that is insecure (by
 * configuration, or on loopback as docker has it) is tried over https with any certificate and then
 * over plain http, once per client.
 */
final class Endpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Endpoints.class);

  private final RegistrySettings settings;
  private final Http checked;
  private final Http unchecked;
  private final Map<String, URI> found = new ConcurrentHashMap<>();

  Endpoints(RegistrySettings settings) {
    this.settings = settings;
    this.checked = new Http(settings, true);
    this.unchecked = new Http(settings, false);
  }

  /** The way to speak to this registry. */
  Http http(String registry) {
    return settings.isInsecure(registry) ? unchecked : checked;
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
    try {
      ping(https);
      return https;
    } catch (RegistryException e) {
      // A server that speaks no TLS shows as a broken handshake or as a broken connection.
      if (e.kind() != Kind.TLS && e.kind() != Kind.UNREACHABLE) {
        throw e;
      }
    }
    URI http = URI.create("http://" + host);
    ping(http);
    log.info("registry is spoken to over plain http: registry={}", registry);
    return http;
  }

  private void ping(URI base) throws RegistryException, InterruptedException {
    unchecked.send(
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
    checked.close();
    unchecked.close();
  }
}
