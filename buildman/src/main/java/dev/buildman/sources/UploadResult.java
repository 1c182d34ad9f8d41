package dev.buildman.sources;

/** How an upload ended. */
public sealed interface UploadResult {

  /**
   * It is on disk, synced.
   *
   * @param existing it was there before
   */
  record Stored(StoredSource source, boolean existing) implements UploadResult {}

  /**
   * Nothing was kept.
   *
   * @param problem what is wrong with it
   * @param text for the person who sent it
   */
  record Refused(Problem problem, String text) implements UploadResult {}

  /** What can be wrong with an upload. */
  enum Problem {
    /** The bytes are not those of the digest. */
    DIGEST_MISMATCH,
    /** More or fewer bytes than said. */
    SIZE_MISMATCH,
    /** Above the store's limit. */
    TOO_LARGE,
    /** Neither gzip nor zip nor text, or another kind than said. */
    WRONG_KIND
  }
}
