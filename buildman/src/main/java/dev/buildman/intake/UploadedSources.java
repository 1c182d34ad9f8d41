package dev.buildman.intake;

import dev.buildman.sources.SourceDigest;
import dev.buildman.sources.SourceStore;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Whether the uploaded source that a build names is there. */
public final class UploadedSources {

  private final SourceStore store;

  /** Looks into this store. */
  public UploadedSources(SourceStore store) {
    this.store = store;
  }

  /**
   * Whether it is there; then it is kept for another retention period, so that the build finds it.
   */
  boolean isThere(SourceDigest digest) {
    try {
      if (store.find(digest).isEmpty()) {
        return false;
      }
      store.touch(digest);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the folder of sources", e);
    }
  }
}
