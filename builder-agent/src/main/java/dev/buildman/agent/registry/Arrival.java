package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A blob on its way here over any number of answers: each brings a part from some byte on, what is
 * here already is left out, and all of it is counted and hashed. Only the newest answer counts: one
 * that was given up may still deliver on its own thread.
 */
final class Arrival {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d+|\\*)");

  private final Descriptor blob;
  private final BlobTarget target;
  private final String doing;
  private final boolean whole;
  private MessageDigest hash;
  private long size;
  private int answers;

  /**
   * @param offset the first byte that is wanted; from any other than the first on there is nothing
   *     to compare with the digest, and whoever wanted it so has to
   */
  Arrival(Descriptor blob, long offset, BlobTarget target, String doing) {
    this.blob = blob;
    this.target = target;
    this.doing = doing;
    this.whole = offset == 0;
    this.hash = blob.digest().newHash();
    this.size = offset;
  }

  /** The first byte that is not here. */
  synchronized long size() {
    return size;
  }

  /** Where the next answer's body goes. */
  synchronized Sink next(Meter meter) {
    return new Part(++answers, meter);
  }

  /** Forgets all that came; false when the target cannot. */
  synchronized boolean restart() throws IOException {
    answers++;
    if (!target.restart()) {
      return false;
    }
    hash = blob.digest().newHash();
    size = 0;
    return true;
  }

  /** Checks what came. */
  synchronized void finish() throws RegistryException {
    if (size < blob.size()) {
      // As a connection that broke: the rest is asked for.
      throw new RegistryException(
          Kind.UNREACHABLE,
          "the registry sent %d bytes instead of the %d that its manifest names while %s"
              .formatted(size, blob.size(), doing));
    }
    if (whole && !blob.digest().isOf(hash)) {
      throw mismatch("other content than its digest says");
    }
  }

  private RegistryException mismatch(String what) {
    return new RegistryException(
        Kind.DIGEST_MISMATCH, "the registry sent " + what + " while " + doing);
  }

  static RegistryException local(IOException e) {
    return new RegistryException(
        Kind.LOCAL, "a pulled blob cannot be written: " + e.getMessage(), e);
  }

  private synchronized void take(Part part, ByteBuffer bytes) throws RegistryException {
    if (part.number != answers) {
      throw new RegistryException(Kind.UNREACHABLE, "a newer answer brings the rest");
    }
    int known = (int) Math.min(part.known, bytes.remaining());
    part.known -= known;
    bytes.position(bytes.position() + known);
    size += bytes.remaining();
    if (size > blob.size()) {
      throw mismatch("more than the " + blob.size() + " bytes that its manifest names");
    }
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    hash.update(copy);
    try {
      target.write(copy, part.meter);
    } catch (IOException e) {
      throw local(e);
    }
  }

  /** One answer's body. */
  private final class Part implements Sink {
    private final int number;
    private final Meter meter;
    private long known;

    Part(int number, Meter meter) {
      this.number = number;
      this.meter = meter;
    }

    @Override
    public void begin(int status, HttpHeaders headers) throws RegistryException {
      long first = 0;
      if (status == 206) {
        String range = headers.firstValue("Content-Range").orElse("");
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) > size()) {
          throw new RegistryException(
              Kind.PROTOCOL, "the registry sent the part '" + range + "' while " + doing);
        }
        first = Long.parseLong(matcher.group(1));
      }
      known = size() - first;
      meter.restart(first);
    }

    @Override
    public void accept(ByteBuffer bytes) throws RegistryException {
      take(this, bytes);
    }
  }
}
