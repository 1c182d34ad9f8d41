package dev.buildman.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Fetches an image over plain HTTP and trusts nothing: each blob is hashed again. Deliberately not
 * the agent's own client, so that what it pushed is checked by other code.
 */
final class ImagePull {
  private static final List<String> MANIFESTS =
      List.of(
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json");
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http;
  private final String registry;

  ImagePull(HttpClient http, String registry) {
    this.http = http;
    this.registry = registry;
  }

  /** Fetches {@code repository:tag} into a folder. */
  PulledImage pull(String repository, String tag, Path folder)
      throws IOException, InterruptedException {
    Path manifest = folder.resolve("manifest.json");
    String digest = fetch(repository + "/manifests/" + tag, manifest);
    JsonNode image = json.readTree(manifest.toFile());
    Path config = blob(repository, image.path("config"), folder);
    long bytes = Files.size(config);
    List<Path> layers = new ArrayList<>();
    for (JsonNode layer : image.path("layers")) {
      Path file = blob(repository, layer, folder);
      layers.add(file);
      bytes += Files.size(file);
    }
    return new PulledImage(digest, json.readTree(config.toFile()), layers, bytes);
  }

  private Path blob(String repository, JsonNode descriptor, Path folder)
      throws IOException, InterruptedException {
    String digest = descriptor.path("digest").asText();
    Path file = folder.resolve(digest.replace(':', '-'));
    String found = fetch(repository + "/blobs/" + digest, file);
    if (!found.equals(digest)) {
      throw new IOException("the registry served " + found + " under the name " + digest);
    }
    return file;
  }

  /** Saves a resource and answers its digest. */
  private String fetch(String resource, Path file) throws IOException, InterruptedException {
    URI uri = URI.create("http://" + registry + "/v2/" + resource);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(LIMIT)
            .header("Accept", String.join(", ", MANIFESTS))
            .build();
    HttpResponse<InputStream> response =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    MessageDigest sha256 = sha256();
    try (InputStream body = new DigestInputStream(response.body(), sha256)) {
      if (response.statusCode() != 200) {
        throw new IOException(uri + " answered with status " + response.statusCode());
      }
      Files.copy(body, file);
    }
    return "sha256:" + HexFormat.of().formatHex(sha256.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
