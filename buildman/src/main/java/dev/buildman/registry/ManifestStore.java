package dev.buildman.registry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Manifests and tags, by repository. Thread-safe. */
final class ManifestStore {

  /**
   * A manifest as it was pushed.
   *
   * @param content byte for byte
   */
  record Stored(Digest digest, String mediaType, byte[] content) {}

  private static final String MANIFESTS = "_manifests";
  private static final String TAGS = "_tags";

  private final Path repositories;

  ManifestStore(Path root) {
    this.repositories = root.resolve("repositories");
  }

  /** Stores a manifest; the media type stands in the first line of its file. */
  void put(String repository, Digest digest, String mediaType, byte[] content) throws IOException {
    byte[] head = (mediaType + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] file = new byte[head.length + content.length];
    System.arraycopy(head, 0, file, 0, head.length);
    System.arraycopy(content, 0, file, head.length, content.length);
    Disk.write(manifest(repository, digest), file);
  }

  /** Points a tag at a manifest. */
  void tag(String repository, String tag, Digest digest) throws IOException {
    Disk.write(tagFile(repository, tag), digest.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The manifest that a tag or a digest means. */
  Optional<Stored> find(String repository, String reference) throws IOException {
    Optional<Digest> digest = resolve(repository, reference);
    if (digest.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] file = Files.readAllBytes(manifest(repository, digest.get()));
      int end = 0;
      while (file[end] != '\n') {
        end++;
      }
      byte[] content = new byte[file.length - end - 1];
      System.arraycopy(file, end + 1, content, 0, content.length);
      String mediaType = new String(file, 0, end, StandardCharsets.UTF_8);
      return Optional.of(new Stored(digest.get(), mediaType, content));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  boolean has(String repository, Digest digest) {
    return Files.exists(manifest(repository, digest));
  }

  /** Takes a tag away, or a manifest with all its tags; false when there was none. */
  boolean delete(String repository, String reference) throws IOException {
    if (!reference.contains(":")) {
      return Files.deleteIfExists(tagFile(repository, reference));
    }
    for (String tag : tags(repository)) {
      if (resolve(repository, tag).map(Digest::toString).equals(Optional.of(reference))) {
        Files.deleteIfExists(tagFile(repository, tag));
      }
    }
    return Files.deleteIfExists(manifest(repository, Digest.parse(reference)));
  }

  /** Whether anything was ever pushed to a repository. */
  boolean known(String repository) {
    return Files.isDirectory(repositories.resolve(repository));
  }

  /** In lexical order. */
  List<String> tags(String repository) throws IOException {
    Path folder = repositories.resolve(repository).resolve(TAGS);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> Route.TAG.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  /** The repositories that have a manifest, in lexical order. */
  List<String> repositories() throws IOException {
    if (!Files.isDirectory(repositories)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(repositories)) {
      return files
          .filter(folder -> folder.endsWith(MANIFESTS))
          .map(folder -> repositories.relativize(folder.resolveSibling("")).toString())
          .sorted()
          .toList();
    }
  }

  private Optional<Digest> resolve(String repository, String reference) throws IOException {
    if (reference.contains(":")) {
      return Optional.of(Digest.parse(reference));
    }
    try {
      return Optional.of(Digest.parse(Files.readString(tagFile(repository, reference))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private Path manifest(String repository, Digest digest) {
    return repositories
        .resolve(repository)
        .resolve(MANIFESTS)
        .resolve(digest.algorithm() + "-" + digest.hex());
  }

  private Path tagFile(String repository, String tag) {
    return repositories.resolve(repository).resolve(TAGS).resolve(tag);
  }
}
