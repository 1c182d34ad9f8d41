package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends the bytes of one blob to where the registry wants them. A small one goes in one request; a
 * larger one is streamed, and goes on where the registry says that a broken upload ended.
 */
final class BlobUpload {
  /** Up to this size one request is as good as three. */
  private static final long SMALL = 64 << 10;

  private final Calls calls;
  private final Repository to;
  private final Descriptor blob;
  private final BlobContent content;
  private final Meter meter;
  private final Pauses pauses;
  private final String doing;
  private long piece;
  private long reached;

  /** Where an upload goes on. */
  private record Place(URI uri, long offset) {}

  /** Waits before what failed is tried again, or says that it is not. */
  @FunctionalInterface
  interface Pauses {
    void pause(RegistryException e) throws RegistryException, InterruptedException;
  }

  BlobUpload(
      Calls calls,
      Repository to,
      Descriptor blob,
      BlobContent content,
      Meter meter,
      Pauses pauses) {
    this.calls = calls;
    this.to = to;
    this.blob = blob;
    this.content = content;
    this.meter = meter;
    this.pauses = pauses;
    this.doing = "pushing blob %s to %s".formatted(blob.digest(), to.path());
  }

  /** Bytes; 0: the whole at once. */
  void inPiecesOf(long size) {
    piece = size;
  }

  long piece() {
    return piece;
  }

  /** How many bytes the registry has had at the most. */
  long reached() {
    return reached;
  }

  /** False when the registry lost the upload, which has to begin anew then. */
  boolean run(Answer opened) throws RegistryException, InterruptedException {
    URI at = location(opened);
    if (blob.size() <= SMALL && piece == 0) {
      meter.restart(0);
      finish(at, new Body(blob.size(), content));
      return true;
    }
    if (piece > 0) {
      piece = Math.max(piece, longHeader(opened, "OCI-Chunk-Min-Length"));
    }
    Optional<Place> place = Optional.of(new Place(at, 0));
    while (place.isPresent() && place.get().offset < blob.size()) {
      place = piece(place.get());
      reached = Math.max(reached, place.map(Place::offset).orElse(0L));
    }
    if (place.isEmpty()) {
      return false;
    }
    finish(place.get().uri, Body.EMPTY);
    return true;
  }

  /** Sends what follows; after a failure the upload goes on after what the registry has. */
  private Optional<Place> piece(Place place) throws RegistryException, InterruptedException {
    try {
      Answer answer = patch(place.uri, place.offset);
      if (!answer.ok()) {
        throw refused(answer);
      }
      Place next = after(answer, place.uri);
      if (next.offset <= place.offset) {
        throw lost("it has %d bytes after more were sent".formatted(next.offset));
      }
      return Optional.of(next);
    } catch (RegistryException e) {
      if (e.kind() == Kind.UPLOAD_LOST) {
        throw e;
      }
      pauses.pause(e);
      return state(place.uri);
    }
  }

  private Place after(Answer answer, URI at) throws RegistryException {
    long received = UploadRange.received(answer, to.registry(), doing);
    if (received > blob.size()) {
      throw lost("it has %d bytes of %d".formatted(received, blob.size()));
    }
    // Quay names no new place when it is asked for an upload's state.
    return new Place(answer.header("Location").isPresent() ? location(answer) : at, received);
  }

  private Answer patch(URI at, long offset) throws RegistryException, InterruptedException {
    long left = blob.size() - offset;
    long length = piece == 0 ? left : Math.min(piece, left);
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/octet-stream");
    if (length < blob.size()) {
      // None for a whole blob: some registries take ranges of chunked uploads only.
      headers.put("Content-Range", offset + "-" + (offset + length - 1));
    }
    meter.restart(offset);
    return send("PATCH", at, headers, Body.slice(content, offset, length), Access.push(to));
  }

  /** How far an upload is; empty when the registry does not say, or has nothing. */
  private Optional<Place> state(URI at) throws RegistryException, InterruptedException {
    try {
      Answer answer = send("GET", at, Map.of(), null, Access.push(to));
      return answer.ok()
          ? Optional.of(after(answer, at)).filter(place -> place.offset > 0)
          : Optional.empty();
    } catch (RegistryException e) {
      if (e.kind().isTransient() && e.kind() != Kind.UPLOAD_LOST) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void finish(URI at, Body body) throws RegistryException, InterruptedException {
    String digest = URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8);
    String separator = at.getRawQuery() == null ? "?" : "&";
    URI uri = URI.create(at + separator + "digest=" + digest);
    Map<String, String> headers = Map.of("Content-Type", "application/octet-stream");
    Answer answer = send("PUT", uri, headers, body, Access.push(to));
    if (answer.status() != 201 && answer.status() != 204) {
      throw refused(answer);
    }
  }

  private RegistryException refused(Answer answer) {
    return switch (answer.status()) {
      case 404, 416 -> lost("it answered " + answer.status());
      default -> Refusals.of(answer, to.registry(), doing);
    };
  }

  private RegistryException lost(String why) {
    return new RegistryException(
        Kind.UPLOAD_LOST,
        "registry %s lost the upload while %s: %s".formatted(to.registry(), doing, why));
  }

  private URI location(Answer answer) throws RegistryException {
    String location =
        answer
            .header("Location")
            .orElseThrow(
                () ->
                    new RegistryException(
                        Kind.PROTOCOL,
                        "registry %s named no place to upload to while %s"
                            .formatted(to.registry(), doing)));
    return calls.resolve(Access.push(to), answer.uri(), location);
  }

  private Answer send(
      String method, URI uri, Map<String, String> headers, @Nullable Body body, Access access)
      throws RegistryException, InterruptedException {
    return calls.call(access, new Request(method, uri, doing, headers, body, null, meter));
  }

  private static long longHeader(Answer answer, String name) {
    try {
      return answer.header(name).map(Long::parseLong).orElse(0L);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
