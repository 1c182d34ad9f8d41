package dev.buildman.agent.registry;

/**
 * A request's body of known length.
 *
 * @param length bytes that the stream holds at least; more are not sent
 * @param content opened for each time that the request is sent
 */
record Body(long length, BlobContent content) {
  static final Body EMPTY = new Body(0, BlobContent.of(new byte[0]));

  static Body of(byte[] bytes) {
    return new Body(bytes.length, BlobContent.of(bytes));
  }

  /** The part of a blob that one chunk carries. */
  static Body slice(BlobContent content, long offset, long length) {
    return new Body(length, () -> content.openAt(offset));
  }
}
