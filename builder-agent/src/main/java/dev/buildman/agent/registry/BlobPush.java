package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends one blob, once: mounted if it can be, else whole in one request or in chunks. */
final class BlobPush {
  private static final int MAX_RESUMES = 5; // of a chunk, before the whole push is repeated

  private final Calls calls;
  private final Repository to;
  private final Descriptor blob;
  private final BlobContent content;
  private final Meter meter;
  private final String doing;

  BlobPush(
      Calls calls, Repository to, Descriptor blob, BlobContent content, TransferProgress progress) {
    this.calls = calls;
    this.to = to;
    this.blob = blob;
    this.content = content;
    this.meter = new Meter(progress, blob.size());
    this.doing = "pushing blob %s to %s".formatted(blob.digest(), to.path());
  }

  /**
   * @param mountFrom a repository of the same registry that may have the blob; null for none
   * @param chunkBytes above it the blob goes in chunks of this size; 0 for never
   */
  PushOutcome run(@Nullable Repository mountFrom, long chunkBytes)
      throws RegistryException, InterruptedException {
    Answer opened = open(mountFrom);
    if (opened.status() == 201) {
      return PushOutcome.MOUNTED;
    }
    if (opened.status() != 202) {
      throw Refusals.of(opened, to.registry(), doing);
    }
    URI upload = location(opened);
    if (chunkBytes > 0 && blob.size() > chunkBytes) {
      long least = longHeader(opened, "OCI-Chunk-Min-Length", 0);
      upload = chunks(upload, Math.max(chunkBytes, least));
      finish(upload, Body.EMPTY);
    } else {
      finish(upload, new Body(blob.size(), content));
    }
    return PushOutcome.PUSHED;
  }

  private Answer open(@Nullable Repository mountFrom)
      throws RegistryException, InterruptedException {
    URI uploads = calls.api(to.registry(), to.path() + "/blobs/uploads/");
    if (mountFrom != null && mountFrom.registry().equals(to.registry())) {
      URI mount =
          URI.create(
              uploads
                  + "?mount="
                  + URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8)
                  + "&from="
                  + URLEncoder.encode(mountFrom.path(), StandardCharsets.UTF_8));
      Answer answer = mount(mount, new Access(to, true, mountFrom));
      if (answer != null && answer.ok()) {
        return answer;
      }
    }
    return send("POST", uploads, Map.of(), Body.EMPTY, Access.push(to));
  }

  /** Null where the other repository may not be read: then the bytes have to travel. */
  private @Nullable Answer mount(URI uri, Access access)
      throws RegistryException, InterruptedException {
    try {
      return send("POST", uri, Map.of(), Body.EMPTY, access);
    } catch (RegistryException e) {
      if (e.kind() == Kind.DENIED) {
        return null;
      }
      throw e;
    }
  }

  private void finish(URI upload, Body body) throws RegistryException, InterruptedException {
    String digest = URLEncoder.encode(blob.digest().toString(), StandardCharsets.UTF_8);
    String separator = upload.getRawQuery() == null ? "?" : "&";
    URI uri = URI.create(upload + separator + "digest=" + digest);
    Map<String, String> headers = Map.of("Content-Type", "application/octet-stream");
    Answer answer = send("PUT", uri, headers, body, Access.push(to));
    if (answer.status() != 201 && answer.status() != 204) {
      throw Refusals.of(answer, to.registry(), doing);
    }
  }

  private URI chunks(URI first, long chunkBytes) throws RegistryException, InterruptedException {
    URI upload = first;
    long offset = 0;
    int resumes = 0;
    while (offset < blob.size()) {
      long length = Math.min(chunkBytes, blob.size() - offset);
      Answer answer;
      try {
        answer = patch(upload, offset, length);
      } catch (RegistryException e) {
        if (!e.kind().isTransient() || ++resumes > MAX_RESUMES) {
          throw e;
        }
        answer = state(upload);
      }
      if (answer.status() == 416 && ++resumes <= MAX_RESUMES) {
        answer = state(upload);
      }
      if (!answer.ok()) {
        throw Refusals.of(answer, to.registry(), doing);
      }
      offset = received(answer);
      upload = location(answer);
    }
    return upload;
  }

  private Answer patch(URI upload, long offset, long length)
      throws RegistryException, InterruptedException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Content-Type", "application/octet-stream");
    headers.put("Content-Range", offset + "-" + (offset + length - 1));
    return send("PATCH", upload, headers, Body.slice(content, offset, length), Access.push(to));
  }

  /** How far an upload is, after a chunk whose fate is not known. */
  private Answer state(URI upload) throws RegistryException, InterruptedException {
    return send("GET", upload, Map.of(), null, Access.push(to));
  }

  /** The first byte that the registry does not have yet. */
  private long received(Answer answer) throws RegistryException {
    String range = answer.header("Range").orElse("");
    int dash = range.lastIndexOf('-');
    try {
      long last = Long.parseLong(range.substring(dash + 1).strip());
      if (dash >= 0 && last >= 0 && last < blob.size()) {
        // "0-0" is said both for nothing and for one byte; no chunk has one byte.
        return last == 0 ? 0 : last + 1;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new RegistryException(
        Kind.PROTOCOL,
        "registry %s answered with the range '%s' while %s".formatted(to.registry(), range, doing));
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

  private static long longHeader(Answer answer, String name, long fallback) {
    try {
      return answer.header(name).map(Long::parseLong).orElse(fallback);
    } catch (NumberFormatException e) {
      return fallback;
    }
  }
}
