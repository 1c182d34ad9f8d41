package dev.buildman.executor.popen;

import dev.buildman.runtime.FolderRemover;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of the folders of workers that are gone: they are removed, but those of failed ones
 * are kept for a while where somebody debugs. A kept folder has no token any more.
 */
final class Remains {
  private static final Logger log = LoggerFactory.getLogger(Remains.class);

  private final Path kept;
  private final Optional<Duration> keepFailed;
  private final InstantSource clock;

  Remains(Path directory, Optional<Duration> keepFailed, InstantSource clock) {
    this.kept = directory.resolve("kept");
    this.keepFailed = keepFailed;
    this.clock = clock;
  }

  /** Clears up after a worker of which nothing runs any more. */
  void clear(WorkerFolder folder) {
    try {
      if (keepFailed.isPresent() && hasFailed(folder)) {
        Files.createDirectories(kept);
        Files.deleteIfExists(folder.token());
        Path to = kept.resolve(folder.name().value());
        Files.move(folder.path(), to, StandardCopyOption.ATOMIC_MOVE);
        Files.setLastModifiedTime(to, FileTime.from(clock.instant()));
        log.info("failed worker kept: folder={}, for={}", to, keepFailed.get());
      }
    } catch (IOException e) {
      log.warn("failed worker not kept: folder={}, cause={}", folder.path(), e.toString());
    }
    FolderRemover.remove(folder.path());
    forgetOld();
  }

  private static boolean hasFailed(WorkerFolder folder) {
    return Files.isDirectory(folder.path())
        && folder.exit().filter(exit -> exit.status().orElse(1) == 0).isEmpty();
  }

  private void forgetOld() {
    try (Stream<Path> folders = Files.list(kept)) {
      List<Path> old = folders.filter(this::isOld).toList();
      old.forEach(FolderRemover::remove);
    } catch (NoSuchFileException e) {
      // Nothing was ever kept.
      return;
    } catch (IOException e) {
      log.warn("kept workers not looked at: folder={}, cause={}", kept, e.toString());
    }
  }

  private boolean isOld(Path folder) {
    try {
      Duration age =
          Duration.between(Files.getLastModifiedTime(folder).toInstant(), clock.instant());
      return age.compareTo(keepFailed.orElse(Duration.ZERO)) >= 0;
    } catch (IOException e) {
      return false;
    }
  }
}
