package dev.buildman.agent.registry;

/**
 * Hears how far a transfer is. Called often and on the HTTP client's threads, so it must be quick
 * and must not throw; after a retry the figure begins at zero again.
 */
@FunctionalInterface
public interface TransferProgress {
  /** Hears nothing. */
  TransferProgress NONE = (done, total) -> {};

  /**
   * @param done bytes moved so far
   * @param total bytes of the whole blob
   */
  void moved(long done, long total);
}
