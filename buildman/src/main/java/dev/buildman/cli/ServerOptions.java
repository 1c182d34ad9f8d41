package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Endpoint;
import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach the manager; the same for every command that talks to one. */
final class ServerOptions {

  @Option(
      names = {"-s", "--server"},
      paramLabel = "HOST:PORT",
      description =
          "Manager to talk to; https://HOST:PORT for TLS. Default: $BUILDMAN_SERVER, else "
              + Endpoint.DEFAULT_SERVER
              + ".")
  private @Nullable String server;

  @Option(
      names = "--ca-cert",
      paramLabel = "FILE",
      description = "Certificates to trust, PEM; implies TLS. Default: $BUILDMAN_CA_CERT.")
  private @Nullable Path ca;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the API token. Default: the token itself in $BUILDMAN_API_TOKEN.")
  private @Nullable Path tokenFile;

  /** A client of the manager that was named. */
  BuildsClient connect(Terminal terminal) throws IOException {
    String named = server != null ? server : terminal.variable("BUILDMAN_SERVER").orElse("");
    Optional<Path> certificates =
        Optional.ofNullable(ca).or(() -> terminal.variable("BUILDMAN_CA_CERT").map(Path::of));
    Endpoint endpoint;
    try {
      endpoint =
          Endpoint.parse(
              named.isEmpty() ? Endpoint.DEFAULT_SERVER : named, certificates, token(terminal));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--server: " + e.getMessage());
    }
    if (!endpoint.token().isEmpty() && !endpoint.tls() && !endpoint.isLoopback()) {
      terminal.complain(
          "warning: the API token goes to %s unencrypted; use https:// if it listens with TLS"
              .formatted(endpoint.address()));
    }
    return BuildsClient.open(endpoint);
  }

  private Secret token(Terminal terminal) {
    if (tokenFile != null) {
      return SecretFile.read("--token-file", tokenFile);
    }
    return Secret.of(terminal.variable("BUILDMAN_API_TOKEN").orElse("").strip());
  }
}
