package dev.buildman.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An image as a registry served it, every blob re-hashed.
 *
 * @param digest of the manifest, sha256:&lt;hex&gt;
 * @param config the image's configuration
 * @param layers the blobs on disk, lowest first
 * @param bytes size of all blobs
 */
record PulledImage(String digest, JsonNode config, List<Path> layers, long bytes) {
  PulledImage {
    layers = List.copyOf(layers);
  }

  /** Entry point and command, as a container would run them. */
  List<String> commandLine() {
    List<String> words = new ArrayList<>();
    config.path("config").path("Entrypoint").forEach(word -> words.add(word.asText()));
    config.path("config").path("Cmd").forEach(word -> words.add(word.asText()));
    return words;
  }

  /** Whether a program in it can run on this machine. */
  boolean fits(String os, String architecture) {
    return config.path("os").asText().equals(os)
        && config.path("architecture").asText().equals(architecture);
  }

  /** The value of a label; empty: it has none of that name. */
  String label(String name) {
    return config.path("config").path("Labels").path(name).asText("");
  }
}
