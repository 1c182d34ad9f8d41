package dev.buildman.agent.engine.buildx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What BuildKit exported: a folder as the OCI image layout has it, with one image or an index. */
record OciLayout(Path folder, Manifest manifest, List<Manifest> images) implements PushableImage {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  OciLayout {
    images = List.copyOf(images);
  }

  /**
   * Reads one.
   *
   * @throws IOException when it is not one image or one index, or a manifest is not what its name
   *     says
   */
  static OciLayout read(Path folder) throws IOException {
    JsonNode top =
        JSON.readTree(Files.readAllBytes(folder.resolve("index.json"))).path("manifests");
    if (top.size() != 1) {
      throw new IOException("the exported layout names " + top.size() + " images");
    }
    Manifest root =
        manifest(
            folder, top.path(0).path("mediaType").asText(), top.path(0).path("digest").asText());
    List<Manifest> images = new ArrayList<>();
    for (Descriptor image : root.images()) {
      images.add(manifest(folder, image.mediaType(), image.digest().toString()));
    }
    return new OciLayout(folder, root, images);
  }

  private static Manifest manifest(Path folder, String type, String digest) throws IOException {
    Digest wanted = Digest.parse(digest);
    byte[] bytes = Files.readAllBytes(blob(folder, wanted));
    if (!wanted.matches(bytes)) {
      throw new IOException("the exported manifest " + digest + " is not what its name says");
    }
    return Manifest.parse(type, bytes);
  }

  private static Path blob(Path folder, Digest digest) {
    return folder.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
  }

  @Override
  public BlobContent content(Descriptor blob) {
    return BlobContent.of(blob(folder, blob.digest()));
  }
}
