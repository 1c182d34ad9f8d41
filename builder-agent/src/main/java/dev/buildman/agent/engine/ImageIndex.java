package dev.buildman.agent.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The images of several platforms under one name: Docker's list where all images are Docker's, else
 * OCI's index.
 */
final class ImageIndex implements PushableImage {

  private final Manifest index;
  private final List<Manifest> images;
  private final Map<Digest, PushableImage> owners = new HashMap<>();

  private ImageIndex(Manifest index, List<PushableImage> parts) {
    this.index = index;
    this.images = parts.stream().map(PushableImage::manifest).toList();
    for (PushableImage part : parts) {
      part.blobs().forEach(blob -> owners.putIfAbsent(blob.digest(), part));
    }
  }

  /** An index of these, in their order. */
  static ImageIndex of(Map<Platform, PushableImage> parts) throws RegistryException {
    boolean docker =
        parts.values().stream()
            .allMatch(part -> part.manifest().mediaType().equals(MediaTypes.DOCKER_MANIFEST));
    String type = docker ? MediaTypes.DOCKER_LIST : MediaTypes.OCI_INDEX;
    ObjectNode root = Json.newObject().put("schemaVersion", 2).put("mediaType", type);
    ArrayNode manifests = root.putArray("manifests");
    parts.forEach((platform, part) -> describe(manifests.addObject(), platform, part.manifest()));
    return new ImageIndex(Manifest.parse(type, Json.write(root)), List.copyOf(parts.values()));
  }

  private static void describe(ObjectNode object, Platform platform, Manifest image) {
    object
        .put("mediaType", image.mediaType())
        .put("size", image.bytes().length)
        .put("digest", image.digest().toString());
    ObjectNode runsOn =
        object
            .putObject("platform")
            .put("architecture", platform.architecture())
            .put("os", platform.os());
    String variant = platform.variant();
    if (variant != null) {
      runsOn.put("variant", variant);
    }
  }

  @Override
  public Manifest manifest() {
    return index;
  }

  @Override
  public List<Manifest> images() {
    return images;
  }

  @Override
  public BlobContent content(Descriptor blob) {
    return owner(blob).content(blob);
  }

  @Override
  public @Nullable Repository origin(Descriptor blob) {
    return owner(blob).origin(blob);
  }

  private PushableImage owner(Descriptor blob) {
    PushableImage owner = owners.get(blob.digest());
    if (owner == null) {
      throw new IllegalArgumentException(blob.digest() + " is in no image of this index");
    }
    return owner;
  }
}
