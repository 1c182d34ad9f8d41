package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;

/** Takes, serves and deletes manifests. */
final class ManifestEndpoint {

  /** What the specification asks registries to take at least. */
  private static final int LARGEST_BYTES = 4 * 1024 * 1024;

  private final ManifestStore manifests;
  private final BlobStore blobs;

  ManifestEndpoint(ManifestStore manifests, BlobStore blobs) {
    this.manifests = manifests;
    this.blobs = blobs;
  }

  void handle(Call call, Route.Manifest route) throws IOException {
    switch (call.method()) {
      case "GET", "HEAD" -> get(call, route);
      case "PUT" -> put(call, route);
      case "DELETE" -> delete(call, route);
      default ->
          throw new RegistryFault(Code.UNSUPPORTED, "manifests know GET, HEAD, PUT and DELETE");
    }
  }

  private void get(Call call, Route.Manifest route) throws IOException {
    ManifestStore.Stored stored =
        manifests.find(route.name(), route.reference()).orElseThrow(this::unknown);
    call.with("Content-Type", stored.mediaType())
        .with(Call.DIGEST, stored.digest().toString())
        .with("ETag", "\"" + stored.digest() + "\"")
        .answer(200, stored.content());
  }

  private void put(Call call, Route.Manifest route) throws IOException {
    byte[] content = call.body().readNBytes(LARGEST_BYTES + 1);
    if (content.length > LARGEST_BYTES) {
      throw new RegistryFault(Code.SIZE_INVALID, "a manifest has at most 4 MiB");
    }
    String mediaType = call.header("Content-Type").orElse("").split(";", 2)[0].strip();
    boolean byDigest = route.reference().contains(":");
    Digest digest = byDigest ? Digest.parse(route.reference()).of(content) : Digest.sha256(content);
    if (byDigest && !digest.toString().equals(route.reference())) {
      throw new RegistryFault(Code.DIGEST_INVALID, "the content's digest is " + digest);
    }
    ManifestCheck.check(route.name(), mediaType, content, blobs, manifests);
    manifests.put(route.name(), digest, mediaType, content);
    if (!byDigest) {
      manifests.tag(route.name(), route.reference(), digest);
    }
    call.with("Location", "/v2/" + route.name() + "/manifests/" + digest)
        .with(Call.DIGEST, digest.toString())
        .answer(201);
  }

  private void delete(Call call, Route.Manifest route) throws IOException {
    if (!manifests.delete(route.name(), route.reference())) {
      throw unknown();
    }
    call.answer(202);
  }

  private RegistryFault unknown() {
    return new RegistryFault(Code.MANIFEST_UNKNOWN, "the repository has no such tag or manifest");
  }
}
