package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.tree.Archive;
import dev.buildman.agent.engine.tree.FileEntry;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.engine.tree.LayerReader;
import dev.buildman.agent.engine.tree.LayerWriter;
import dev.buildman.agent.engine.tree.TreeException;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layers of one build on disk. Layers of base images are fetched when their files are needed;
 * the others only move from registry to registry.
 */
final class LayerStore implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LayerStore.class);

  /** As many as Docker pulls at once. */
  private static final int PARALLEL_PULLS = 3;

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

  /** Fetches those of the layers that are not here yet, a few at a time. */
  void fetchAll(List<Layer> layers) throws RegistryException, InterruptedException {
    Map<Digest, Layer> missing = new LinkedHashMap<>();
    layers.forEach(layer -> missing.put(layer.blob().digest(), layer));
    ThreadFactory names = Thread.ofVirtual().name("layer-pull-", 0).factory();
    try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_PULLS, names)) {
      List<Future<Path>> pulls = new ArrayList<>();
      for (Layer layer : missing.values()) {
        pulls.add(threads.submit(() -> fetch(layer)));
      }
      try {
        for (Future<Path> pull : pulls) {
          pull.get();
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RegistryException refused) {
          throw refused;
        }
        throw new IllegalStateException("a layer could not be fetched", e);
      } finally {
        // Those under way end within a second, then the executor closes.
        threads.shutdownNow();
      }
    }
  }

  /** The layer's bytes for a push: from disk, or on their way from where the base image is. */
  BlobContent content(Layer layer) {
    Path file = file(layer);
    Repository origin = origin(layer);
    return origin != null && !Files.exists(file)
        ? registry.content(origin, layer.blob())
        : BlobContent.of(file);
  }

  /** The files of an image made of these layers, lowest first. */
  FileTree tree(List<Layer> layers) throws IOException, TreeException, InterruptedException {
    fetchAll(layers);
    FileTree tree = new FileTree();
    for (Layer layer : layers) {
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

  /** Removes all that this build has put into its folder. */
  @Override
  public void close() {
    try {
      for (Archive archive : archives.values()) {
        archive.close();
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      log.warn("work folder not emptied: problem={}", e.toString());
    }
    archives.clear();
  }
}
