package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.HostPort;
import dev.buildman.model.HostId;
import dev.buildman.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who this installation is.
 *
 * @param registry that images are pushed to when a build names none; empty: a build has to
 * @param dialled what agents dial
 * @param installation the name on all of its workers
 * @param hostId absent: derived from this machine
 * @param secretKeys newest first
 * @param apiTokens of clients; empty: none is needed
 */
public record Identity(
    String registry,
    HostPort dialled,
    String installation,
    Optional<HostId> hostId,
    List<Secret> secretKeys,
    List<Secret> apiTokens) {

  private static final int AGENTS_PORT = 55_443;
  private static final Pattern INSTALLATION = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");
  private static final int DERIVED_DIGITS = 12;
  private static final int SHORT_SECRET = 16;

  /** Reads the top level's and {@code BUILDMAN}'s share. */
  static Identity parse(ConfigMap top, ConfigMap ours, String prefix) {
    String registry = top.text("SERVER_HOSTNAME", "");
    Optional<HostPort> dialled = top.hostPort("BUILDMAN_HOSTNAME", AGENTS_PORT);
    Optional<HostPort> registryHost =
        dialled.isPresent() ? Optional.empty() : HostPort.parse(registry, AGENTS_PORT);
    HostPort agentsDial =
        dialled
            .or(() -> registryHost.map(host -> new HostPort(host.host(), AGENTS_PORT)))
            .orElseGet(() -> onThisMachine(ours));
    return new Identity(
        registry,
        agentsDial,
        ours.as("INSTALLATION", Identity::installation)
            .orElseGet(() -> derived(top.text("BUILDMAN_HOSTNAME", registry) + prefix)),
        ours.as("HOST_ID", HostId::new),
        secretKeys(top, ours),
        strong(ours, "API_TOKEN"));
  }

  private static HostPort onThisMachine(ConfigMap ours) {
    int port = ours.hostPort("AGENTS_LISTEN", -1).map(HostPort::port).orElse(AGENTS_PORT);
    return new HostPort("127.0.0.1", port);
  }

  private static List<Secret> secretKeys(ConfigMap top, ConfigMap ours) {
    List<Secret> keys = strong(ours, "SECRET_KEYS");
    List<Secret> quays = top.secret("SECRET_KEY").map(List::of).orElse(List.of());
    return keys.isEmpty() ? quays : keys;
  }

  private static List<Secret> strong(ConfigMap ours, String key) {
    List<Secret> secrets = ours.secrets(key);
    if (secrets.stream().anyMatch(secret -> secret.reveal().length() < SHORT_SECRET)) {
      ours.warning(key, "is shorter than " + SHORT_SECRET + " characters: easy to guess");
    }
    return secrets;
  }

  private static String installation(String text) {
    if (!INSTALLATION.matcher(text).matches()) {
      throw new IllegalArgumentException("1 to 32 lower-case letters, digits and '-'");
    }
    return text;
  }

  private static String derived(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, DERIVED_DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
