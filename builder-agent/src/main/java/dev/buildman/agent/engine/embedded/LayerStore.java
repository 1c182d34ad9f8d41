package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.embedded.tree.Archive;
import dev.buildman.agent.engine.embedded.tree.FileEntry;
import dev.buildman.agent.engine.embedded.tree.FileTree;
import dev.buildman.agent.engine.embedded.tree.Layer;
import dev.buildman.agent.engine.embedded.tree.LayerReader;
import dev.buildman.agent.engine.embedded.tree.LayerWriter;
import dev.buildman.agent.engine.embedded.tree.TreeException;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers of one build on disk. Layers of base images are fetched when their files are needed;
 * the others only move from registry to registry.
 */
final class LayerStore implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LayerStore.class);

  private final Path folder;
  private final RegistryClient registry;
  private final TransferLog transfers;
  private final LayerWriter writer;
  private final Map<Digest, Repository> origins = new HashMap<>();
  private final Map<Digest, Archive> archives = new HashMap<>();

  LayerStore(Path folder, RegistryClient registry, TransferLog transfers, LayerWriter writer) {
    this.folder = folder;
    this.registry = registry;
    this.transfers = transfers;
    this.writer = writer;
  }

  /** Notes where a layer of a base image can be had. */
  void knows(Layer layer, Repository origin) {
    origins.putIfAbsent(layer.blob().digest(), origin);
  }

  /** Where the layer came from; null for a layer of this build. */
  @Nullable Repository origin(Layer layer) {
    return origins.get(layer.blob().digest());
  }

  /** Writes a new layer. */
  Layer write(SortedMap<String, FileEntry> entries) throws IOException {
    Path temporary = folder.resolve("layer.tmp");
    Layer layer = writer.write(entries, temporary);
    Files.move(temporary, file(layer), StandardCopyOption.REPLACE_EXISTING);
    return layer;
  }

  /** The packed layer on disk, fetched when it is not there yet. */
  Path fetch(Layer layer) throws RegistryException, InterruptedException {
    Path file = file(layer);
    Repository origin = origin(layer);
    if (origin != null && !Files.exists(file)) {
      registry.pullBlob(origin, layer.blob(), file, transfers.of(layer.blob(), "Downloading"));
      transfers.done(layer.blob(), "Pull complete");
    }
    return file;
  }

  /** The layer's bytes for a push. */
  BlobContent content(Layer layer) {
    return () -> {
      try {
        return Files.newInputStream(fetch(layer));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException)
            new InterruptedIOException("interrupted while a layer was fetched").initCause(e);
      }
    };
  }

  /** The files of an image made of these layers, lowest first. */
  FileTree tree(List<Layer> layers) throws IOException, TreeException, InterruptedException {
    FileTree tree = new FileTree();
    for (Layer layer : layers) {
      fetch(layer);
      LayerReader.apply(archive(layer), tree);
    }
    return tree;
  }

  private Archive archive(Layer layer) {
    return archives.computeIfAbsent(
        layer.blob().digest(),
        digest -> new Archive(file(layer), folder.resolve(digest.hex() + ".unpacked")));
  }

  /** An archive that ADD unpacks; closed with this store. */
  Archive open(Path file) {
    Digest key = Digest.of(file.toString().getBytes(StandardCharsets.UTF_8));
    return archives.computeIfAbsent(
        key, digest -> new Archive(file, folder.resolve(digest.hex() + ".unpacked")));
  }

  /** A place for a file of this build that is no layer. */
  Path temporary(String name) {
    return folder.resolve(name);
  }

  private Path file(Layer layer) {
    return folder.resolve(layer.blob().digest().hex() + ".layer");
  }

  @Override
  public void close() {
    for (Archive archive : archives.values()) {
      try {
        archive.close();
      } catch (IOException e) {
        log.warn("layer not closed: problem={}", e.toString());
      }
    }
    archives.clear();
  }
}
