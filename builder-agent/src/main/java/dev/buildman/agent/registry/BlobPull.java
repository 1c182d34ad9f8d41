package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches one blob: a transfer that breaks goes on at its byte, and only a blob that is right is
 * kept. One whose content does not fit its digest is fetched anew once, as a proxy on the way may
 * have spoilt it.
 */
final class BlobPull {
  private static final Logger log = LoggerFactory.getLogger(BlobPull.class);

  private final Calls calls;
  private final Retry retry;
  private final Repository from;
  private final Descriptor blob;
  private final String doing;

  BlobPull(Calls calls, Retry retry, Repository from, Descriptor blob) {
    this.calls = calls;
    this.retry = retry;
    this.from = from;
    this.blob = blob;
    this.doing = "pulling blob %s of %s".formatted(blob.digest(), from.path());
  }

  /** Into a file beside the target that takes its place when all is right. */
  void toFile(Path target, TransferProgress progress)
      throws RegistryException, InterruptedException {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      try (FileChannel file =
          FileChannel.open(
              part,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        to(new Arrival(blob, 0, BlobTarget.of(file), doing), progress);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (RegistryException e) {
      throw e;
    } catch (IOException e) {
      throw Arrival.local(e);
    } finally {
      deleteQuietly(part);
    }
  }

  /** Into memory. */
  byte[] toBytes() throws RegistryException, InterruptedException {
    ByteArrayOutputStream memory = new ByteArrayOutputStream();
    to(new Arrival(blob, 0, BlobTarget.of(memory), doing), TransferProgress.NONE);
    return memory.toByteArray();
  }

  /** What of it is not there yet, also after a failure at another place. */
  void to(Arrival arrival, TransferProgress progress)
      throws RegistryException, InterruptedException {
    try {
      whole(arrival, progress);
    } catch (RegistryException e) {
      if (e.kind() != Kind.DIGEST_MISMATCH || !retry.repeats() || !restarted(arrival)) {
        throw e;
      }
      log.warn("blob is fetched anew: because={}", e.getMessage());
      whole(arrival, progress);
    }
  }

  private static boolean restarted(Arrival arrival) throws RegistryException {
    try {
      return arrival.restart();
    } catch (IOException e) {
      throw Arrival.local(e);
    }
  }

  private void whole(Arrival arrival, TransferProgress progress)
      throws RegistryException, InterruptedException {
    retry.run(
        () -> {
          rest(arrival, progress);
          arrival.finish();
          return blob;
        },
        arrival::size);
  }

  /** What is not here yet. */
  private void rest(Arrival arrival, TransferProgress progress)
      throws RegistryException, InterruptedException {
    long at = arrival.size();
    if (at > 0 && at == blob.size()) {
      return;
    }
    Answer answer = get(arrival, progress, at);
    if (answer.status() == 416 && at > 0) {
      answer = get(arrival, progress, 0);
    }
    if (!answer.ok()) {
      throw Refusals.of(answer, from.registry(), doing);
    }
  }

  private Answer get(Arrival arrival, TransferProgress progress, long at)
      throws RegistryException, InterruptedException {
    URI uri = calls.api(from.registry(), from.path() + "/blobs/" + blob.digest());
    Map<String, String> headers = at > 0 ? Map.of("Range", "bytes=" + at + "-") : Map.of();
    Meter meter = new Meter(progress, blob.size());
    meter.restart(at);
    return calls.call(
        Access.pull(from),
        new Request("GET", uri, doing, headers, null, arrival.next(meter), meter));
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // It lies in the work folder, which is removed as a whole.
    }
  }
}
