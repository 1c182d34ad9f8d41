package dev.buildman.agent.run;

import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The build's work folder, readable by this user only, removed at the end. */
final class Workspace implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Workspace.class);

  private final Path root;
  private final boolean keep;

  private Workspace(Path root, boolean keep) {
    this.root = root;
    this.keep = keep;
  }

  /**
   * Makes one.
   *
   * @param keep whether it stays for somebody to look at
   */
  static Workspace create(Path parent, boolean keep) throws IOException {
    return new Workspace(Files.createTempDirectory(parent, "build-"), keep);
  }

  /** A new folder in it. */
  Path folder(String name) throws IOException {
    return Files.createDirectory(root.resolve(name));
  }

  @Override
  public void close() {
    if (keep) {
      log.info("work folder is kept: folder={}", root);
      return;
    }
    try {
      Folders.delete(root);
    } catch (IOException e) {
      log.warn("work folder could not be removed: folder={}, failure={}", root, e.toString());
    }
  }
}
