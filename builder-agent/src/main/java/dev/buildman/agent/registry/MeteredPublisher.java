package dev.buildman.agent.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Publishes exactly the announced number of bytes and counts them. An end before that is an error:
 * a server that waits for the rest would wait for ever.
 */
final class MeteredPublisher implements BodyPublisher {
  private final Body body;
  private final Meter meter;

  MeteredPublisher(Body body, Meter meter) {
    this.body = body;
    this.meter = meter;
  }

  @Override
  public long contentLength() {
    return body.length();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    BodyPublishers.ofInputStream(() -> new Exactly(body, meter)).subscribe(subscriber);
  }

  private static RegistryException local(IOException e) {
    return new RegistryException(
        RegistryException.Kind.LOCAL, "a blob to push cannot be read: " + e.getMessage(), e);
  }

  private static final class Exactly extends InputStream {
    private final Body body;
    private final Meter meter;
    private @Nullable InputStream in;
    private long left;

    Exactly(Body body, Meter meter) {
      this.body = body;
      this.left = body.length();
      this.meter = meter;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int got;
      try {
        if (in == null) {
          in = body.content().open();
        }
        got = in.read(target, offset, (int) Math.min(length, left));
        if (got < 0) {
          throw new IOException("it ended " + left + " bytes before its announced size");
        }
      } catch (RegistryException e) {
        throw e;
      } catch (IOException e) {
        throw local(e);
      }
      left -= got;
      meter.add(got);
      return got;
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }
}
