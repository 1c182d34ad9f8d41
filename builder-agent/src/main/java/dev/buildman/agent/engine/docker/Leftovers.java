package dev.buildman.agent.engine.docker;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what one build left in a daemon that others may use too: by the ids that the daemon named
 * while it worked for this build, and nothing else. What another build has come to need since
 * stays.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  /** For what a daemon kills and removes by itself; seconds on a slow disk. */
  private static final Duration OWN_REMOVAL = Duration.ofSeconds(10);

  private final DaemonAddress address;
  private final BuildMessages build;
  private final String name;
  private final Path folder;

  /**
   * @param name the build's image in the daemon
   * @param folder of the build
   */
  Leftovers(DaemonAddress address, BuildMessages build, String name, Path folder) {
    this.address = address;
    this.build = build;
    this.name = name;
    this.folder = folder;
  }

  /** Does what can be done, also on a thread that is interrupted. */
  void remove() {
    boolean interrupted = Thread.interrupted();
    try (Daemon daemon = Daemon.at(address)) {
      interrupted |= remove(daemon);
    } catch (DaemonException e) {
      log.warn("a build is left in its daemon: image={}, because={}", name, e.message());
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      log.warn("a build's folder is left behind: folder={}, because={}", folder, e.toString());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean remove(Daemon daemon) throws DaemonException {
    try {
      for (String container : build.containers()) {
        gone(() -> daemon.removeContainer(container));
      }
      gone(() -> daemon.remove(name));
      for (String image : build.madeImages()) {
        gone(() -> removeImage(daemon, image));
      }
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  /**
   * A build that was broken off may have a container of which its daemon had not told yet, and
   * which the daemon removes by itself: until then it holds the image of the step before.
   */
  private void removeImage(Daemon daemon, String image)
      throws DaemonException, InterruptedException {
    try {
      daemon.remove(image);
    } catch (DaemonException e) {
      Optional<String> user = e.user();
      if (build.areWhole() || user.isEmpty()) {
        throw e;
      }
      untilRemoved(daemon, user.get());
      daemon.remove(image);
    }
  }

  private static void untilRemoved(Daemon daemon, String container)
      throws DaemonException, InterruptedException {
    try {
      daemon.awaitRemoval(container, OWN_REMOVAL);
    } catch (DaemonException e) {
      // After the limit it is another build's, and the image too.
      if (!e.isNotFound() && !e.isLost()) {
        throw e;
      }
    }
  }

  @FunctionalInterface
  private interface Removal {
    void run() throws DaemonException, InterruptedException;
  }

  /** What is not there any more is fine, and what others need by now is theirs. */
  private static void gone(Removal removal) throws DaemonException, InterruptedException {
    try {
      removal.run();
    } catch (DaemonException e) {
      if (!e.isNotFound() && !e.isConflict()) {
        throw e;
      }
    }
  }
}
