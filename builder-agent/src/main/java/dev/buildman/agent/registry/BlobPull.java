package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Map;

/** Fetches a blob; what arrives is counted and hashed, and only a blob that is right is kept. */
final class BlobPull {
  private final Calls calls;

  BlobPull(Calls calls) {
    this.calls = calls;
  }

  /** Once, into a file beside the target that takes its place when all is right. */
  void toFile(Repository from, Descriptor blob, Path target, TransferProgress progress)
      throws RegistryException, InterruptedException {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      try (OutputStream out = Files.newOutputStream(part)) {
        pull(from, blob, out, progress);
      }
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (RegistryException e) {
      throw e;
    } catch (IOException e) {
      throw local(e);
    } finally {
      deleteQuietly(part);
    }
  }

  /** Once, into memory. */
  byte[] toBytes(Repository from, Descriptor blob) throws RegistryException, InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pull(from, blob, out, TransferProgress.NONE);
    return out.toByteArray();
  }

  private void pull(Repository from, Descriptor blob, OutputStream out, TransferProgress progress)
      throws RegistryException, InterruptedException {
    String doing = "pulling blob %s of %s".formatted(blob.digest(), from.path());
    Access access = Access.pull(from);
    URI uri = calls.api(from.registry(), from.path() + "/blobs/" + blob.digest());
    Checked sink = new Checked(blob, out, doing);
    Answer answer =
        calls.call(
            access,
            new Request("GET", uri, doing, Map.of(), null, sink, new Meter(progress, blob.size())));
    if (!answer.ok()) {
      throw Refusals.of(answer, from.registry(), doing);
    }
    sink.finish();
  }

  private static RegistryException local(IOException e) {
    return new RegistryException(
        Kind.LOCAL, "a pulled blob cannot be written: " + e.getMessage(), e);
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // It lies in the work folder, which is removed as a whole.
    }
  }

  /** Counts and hashes; ends the transfer with the first byte too many. */
  private static final class Checked implements Sink {
    private final Descriptor blob;
    private final OutputStream out;
    private final String doing;
    private final MessageDigest hash;
    private long size;

    Checked(Descriptor blob, OutputStream out, String doing) {
      this.blob = blob;
      this.out = out;
      this.doing = doing;
      this.hash = blob.digest().newHash();
    }

    @Override
    public void accept(ByteBuffer bytes) throws RegistryException {
      size += bytes.remaining();
      if (size > blob.size()) {
        throw mismatch("more than the " + blob.size() + " bytes that its manifest names");
      }
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      hash.update(copy);
      try {
        out.write(copy);
      } catch (IOException e) {
        throw local(e);
      }
    }

    void finish() throws RegistryException {
      if (size < blob.size()) {
        throw mismatch(size + " bytes instead of the " + blob.size() + " its manifest names");
      }
      if (!blob.digest().isOf(hash)) {
        throw mismatch("other content than its digest says");
      }
    }

    private RegistryException mismatch(String what) {
      return new RegistryException(
          Kind.DIGEST_MISMATCH, "the registry sent " + what + " while " + doing);
    }
  }
}
