package dev.buildman.agent.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Where a pulled blob's bytes go, in their order. */
interface BlobTarget {
  /**
   * Takes the next bytes; may block.
   *
   * @param meter hears when the transfer is held
   */
  void write(byte[] bytes, Meter meter) throws IOException;

  /** Forgets what was written; false when it is out of reach. */
  boolean restart() throws IOException;

  /** A file, from where it stands. */
  static BlobTarget of(FileChannel file) {
    return new BlobTarget() {
      @Override
      public void write(byte[] bytes, Meter meter) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          file.write(left);
        }
      }

      @Override
      public boolean restart() throws IOException {
        file.truncate(0).position(0);
        return true;
      }
    };
  }

  /** Memory. */
  static BlobTarget of(ByteArrayOutputStream memory) {
    return new BlobTarget() {
      @Override
      public void write(byte[] bytes, Meter meter) {
        memory.writeBytes(bytes);
      }

      @Override
      public boolean restart() {
        memory.reset();
        return true;
      }
    };
  }
}
