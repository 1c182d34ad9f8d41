package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sees to it that a repository has one blob: it is there, or is mounted, or its bytes are sent. */
final class BlobPush {
  /** Sizes that proxies before registries take, tried in turn when they refuse the whole. */
  private static final long[] PIECES = {64L << 20, 8L << 20, 1L << 20};

  private final Calls calls;
  private final Retry.Series tries;
  private final Repository to;
  private final Descriptor blob;
  private final Meter meter;
  private final String doing;
  private final BlobUpload upload;
  private int fruitless;
  private boolean spoilt;

  BlobPush(
      Calls calls,
      Retry retry,
      Repository to,
      Descriptor blob,
      BlobContent content,
      TransferProgress progress) {
    this.calls = calls;
    this.tries = retry.begin();
    this.to = to;
    this.blob = blob;
    this.meter = new Meter(progress, blob.size());
    this.doing = "pushing blob %s to %s".formatted(blob.digest(), to.path());
    this.upload = new BlobUpload(calls, to, blob, content, meter, this::pause);
    this.spoilt = !retry.repeats();
  }

  /**
   * @param mountFrom a repository of the same registry that may have the blob; null for none
   * @param pieceBytes a larger blob goes in pieces of this size; 0 for the whole at once
   */
  PushOutcome run(@Nullable Repository mountFrom, long pieceBytes)
      throws RegistryException, InterruptedException {
    upload.inPiecesOf(pieceBytes);
    boolean sent = false;
    while (true) {
      try {
        if (exists()) {
          // An upload whose last answer was lost shows as a blob that is there.
          return sent ? PushOutcome.PUSHED : PushOutcome.EXISTED;
        }
        Answer opened = open(mountFrom);
        if (opened.status() == 201) {
          return PushOutcome.MOUNTED;
        }
        if (opened.status() != 202) {
          throw Refusals.of(opened, to.registry(), doing);
        }
        sent = true;
        if (upload.run(opened)) {
          return PushOutcome.PUSHED;
        }
      } catch (RegistryException e) {
        again(e);
      }
    }
  }

  /** Prepares the next try, or throws. */
  private void again(RegistryException e) throws RegistryException, InterruptedException {
    if (e.kind() == Kind.TOO_LARGE && smaller()) {
      return;
    }
    if (e.kind() == Kind.DIGEST_MISMATCH && !spoilt) {
      // The bytes are right here, so something on the way changed them.
      spoilt = true;
      return;
    }
    pause(e);
  }

  private void pause(RegistryException e) throws RegistryException, InterruptedException {
    tries.pause(e, upload.reached());
    if (e.kind() == Kind.UNREACHABLE && upload.reached() == 0 && ++fruitless == 2) {
      // A proxy that takes no large body may just close the connection.
      smaller();
    }
  }

  private boolean smaller() {
    for (long size : PIECES) {
      if (size < blob.size() && (upload.piece() == 0 || size < upload.piece())) {
        upload.inPiecesOf(size);
        return true;
      }
    }
    return false;
  }

  private boolean exists() throws RegistryException, InterruptedException {
    URI uri = calls.api(to.registry(), to.path() + "/blobs/" + blob.digest());
    try {
      Answer answer = send("HEAD", uri, Map.of(), null, Access.push(to));
      if (answer.status() >= 500 || answer.status() == 429) {
        throw Refusals.of(answer, to.registry(), doing);
      }
      // Credentials that may only write are refused here; the upload is what counts.
      return answer.ok();
    } catch (RegistryException e) {
      if (e.kind() == Kind.DENIED) {
        return false;
      }
      throw e;
    }
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
      Optional<Answer> answer = mount(mount, new Access(to, true, mountFrom));
      if (answer.isPresent() && answer.get().ok()) {
        return answer.get();
      }
    }
    return send("POST", uploads, Map.of(), Body.EMPTY, Access.push(to));
  }

  /** Empty where the other repository may not be read: then the bytes have to travel. */
  private Optional<Answer> mount(URI uri, Access access)
      throws RegistryException, InterruptedException {
    try {
      return Optional.of(send("POST", uri, Map.of(), Body.EMPTY, access));
    } catch (RegistryException e) {
      if (e.kind() == Kind.DENIED) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private Answer send(
      String method, URI uri, Map<String, String> headers, @Nullable Body body, Access access)
      throws RegistryException, InterruptedException {
    return calls.call(access, new Request(method, uri, doing, headers, body, null, meter));
  }
}
