package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.util.Optional;

/** Takes blobs: in one request, in chunks, or from another repository. */
final class UploadEndpoint {

  private final UploadStore uploads;
  private final BlobStore blobs;

  UploadEndpoint(UploadStore uploads, BlobStore blobs) {
    this.uploads = uploads;
    this.blobs = blobs;
  }

  void handle(Call call, Route.Uploads route) throws IOException {
    if (!call.method().equals("POST")) {
      throw new RegistryFault(Code.UNSUPPORTED, "an upload begins with POST");
    }
    if (mounted(call, route.name())) {
      return;
    }
    Optional<Digest> digest = call.query("digest").map(Digest::parse);
    if (digest.isPresent()) {
      String id = uploads.begin(route.name());
      uploads.append(route.name(), id, Optional.empty(), call.body());
      finish(call, route.name(), id, digest.get());
      return;
    }
    String id = uploads.begin(route.name());
    progress(call, route.name(), id, 0).answer(202);
  }

  void handle(Call call, Route.Upload route) throws IOException {
    String name = route.name();
    String id = route.id();
    switch (call.method()) {
      case "PATCH" -> progress(call, name, id, append(call, route)).answer(202);
      case "PUT" -> put(call, route);
      case "GET", "HEAD" -> progress(call, name, id, uploads.size(name, id)).answer(204);
      case "DELETE" -> {
        uploads.cancel(name, id);
        call.answer(204);
      }
      default ->
          throw new RegistryFault(Code.UNSUPPORTED, "uploads know GET, PATCH, PUT and DELETE");
    }
  }

  /** A blob that the other repository lacks is uploaded as if nobody had asked. */
  private boolean mounted(Call call, String name) throws IOException {
    Optional<Digest> digest = call.query("mount").map(Digest::parse);
    Optional<String> from = call.query("from").map(Route::name);
    if (digest.isEmpty() || from.isEmpty() || !blobs.mount(from.get(), name, digest.get())) {
      return false;
    }
    created(call, name, digest.get());
    return true;
  }

  private void put(Call call, Route.Upload route) throws IOException {
    Digest expected =
        call.query("digest")
            .map(Digest::parse)
            .orElseThrow(
                () -> new RegistryFault(Code.DIGEST_INVALID, "the last request names the digest"));
    append(call, route);
    finish(call, route.name(), route.id(), expected);
  }

  private long append(Call call, Route.Upload route) throws IOException {
    Optional<ByteRange> range = call.header("Content-Range").map(ByteRange::sent);
    try {
      return uploads.append(route.name(), route.id(), range, call.body());
    } catch (RegistryFault e) {
      if (e.code == Code.RANGE_INVALID) {
        progress(call, route.name(), route.id(), uploads.size(route.name(), route.id()));
      }
      throw e;
    }
  }

  private void finish(Call call, String name, String id, Digest digest) throws IOException {
    uploads.finish(name, id, digest, blobs);
    created(call, name, digest);
  }

  private static void created(Call call, String name, Digest digest) throws IOException {
    call.with("Location", "/v2/" + name + "/blobs/" + digest)
        .with(Call.DIGEST, digest.toString())
        .answer(201);
  }

  /** The range of an empty upload is 0-0 as well: clients expect the header in that form. */
  private static Call progress(Call call, String name, String id, long size) {
    return call.with("Location", "/v2/" + name + "/blobs/uploads/" + id)
        .with("Docker-Upload-UUID", id)
        .with("Range", "0-" + Math.max(0, size - 1));
  }
}
