package dev.buildman.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.proto.v1.Credentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Credentials of registries from a file as {@code docker login} writes it; helpers' credentials are
 * not in it.
 */
final class DockerConfig {

  private static final String DOCKER_HUB = "index.docker.io";

  private DockerConfig() {}

  /** By registry host[:port]; throws {@link UsageException} when the file is no such file. */
  static Map<String, Credentials> read(Path file) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      // The parser's message may quote the file, which holds passwords.
      throw new UsageException("--docker-config: cannot read " + file + " as JSON");
    }
    Map<String, Credentials> credentials = new LinkedHashMap<>();
    root.path("auths")
        .properties()
        .forEach(
            entry -> {
              Credentials one = credentials(entry.getValue());
              if (!one.getUsername().isEmpty()) {
                credentials.put(host(entry.getKey()), one);
              }
            });
    if (credentials.isEmpty()) {
      throw new UsageException(
          "--docker-config: %s holds no credentials%s"
              .formatted(
                  file, root.has("credsStore") ? ": they are with the helper it names" : ""));
    }
    return credentials;
  }

  private static Credentials credentials(JsonNode auth) {
    Credentials.Builder credentials =
        Credentials.newBuilder()
            .setUsername(auth.path("username").asText())
            .setPassword(auth.path("password").asText());
    String encoded = auth.path("auth").asText();
    if (!encoded.isEmpty()) {
      String decoded = decode(encoded);
      int colon = decoded.indexOf(':');
      if (colon > 0) {
        credentials.setUsername(decoded.substring(0, colon));
        credentials.setPassword(decoded.substring(colon + 1));
      }
    }
    return credentials.build();
  }

  private static String decode(String encoded) {
    try {
      return new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static String host(String key) {
    String host = key.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    return host.equals(DOCKER_HUB) ? "docker.io" : host;
  }
}
