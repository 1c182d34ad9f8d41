package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Serves and deletes blobs. */
final class BlobEndpoint {

  private static final int BUFFER_BYTES = 1 << 16;

  private final BlobStore blobs;

  BlobEndpoint(BlobStore blobs) {
    this.blobs = blobs;
  }

  void handle(Call call, Route.Blob route) throws IOException {
    switch (call.method()) {
      case "GET", "HEAD" -> get(call, route);
      case "DELETE" -> delete(call, route);
      default -> throw new RegistryFault(Code.UNSUPPORTED, "blobs know GET, HEAD and DELETE");
    }
  }

  private void get(Call call, Route.Blob route) throws IOException {
    Path file = blobs.find(route.name(), route.digest()).orElseThrow(BlobEndpoint::unknown);
    try (InputStream content = Files.newInputStream(file)) {
      long size = Files.size(file);
      call.with("Content-Type", "application/octet-stream")
          .with("Accept-Ranges", "bytes")
          .with("ETag", "\"" + route.digest() + "\"")
          .with(Call.DIGEST, route.digest().toString());
      Optional<ByteRange> range =
          call.header("Range").flatMap(header -> ByteRange.requested(header, size));
      range.ifPresent(
          part ->
              call.with(
                  "Content-Range", "bytes %d-%d/%d".formatted(part.first(), part.last(), size)));
      long length = range.map(ByteRange::length).orElse(size);
      try (OutputStream out = call.begin(range.isPresent() ? 206 : 200, length)) {
        if (!call.isHead()) {
          content.skipNBytes(range.map(ByteRange::first).orElse(0L));
          copy(content, out, length);
        }
      }
    }
  }

  private void delete(Call call, Route.Blob route) throws IOException {
    if (!blobs.delete(route.name(), route.digest())) {
      throw unknown();
    }
    call.answer(202);
  }

  private static void copy(InputStream content, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = length;
    while (left > 0) {
      int read = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new IOException("the blob's file ends early");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static RegistryFault unknown() {
    return new RegistryFault(Code.BLOB_UNKNOWN, "the repository has no such blob");
  }
}
