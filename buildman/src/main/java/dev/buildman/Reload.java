package dev.buildman;

import dev.buildman.config.ConfigResult;
import dev.buildman.config.ConfigResult.Invalid;
import dev.buildman.config.ConfigResult.Valid;
import dev.buildman.config.Problem;
import dev.buildman.runtime.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the configuration's files have changed, and applies what may change while a manager
 * runs. A file that cannot be used is refused with its problems, and the old values stay. A change
 * counts when two looks in a row saw the same text, so that a half-written file is not read.
 */
final class Reload implements Loop.Pass {

  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final Supplier<ConfigResult<Settings>> reader;
  private final Consumer<Reloadable> apply;
  private final Valid<Settings> started;
  private Valid<Settings> active;
  private List<Path> files;
  private String seen;
  private String done;
  private SortedSet<String> waiting = new TreeSet<>();

  /**
   * A watch over the files of the settings that a manager was started with.
   *
   * @param reader reads the same file again
   * @param apply takes the new values; called by the loop's thread
   */
  Reload(
      Supplier<ConfigResult<Settings>> reader,
      Valid<Settings> started,
      Consumer<Reloadable> apply) {
    this.reader = reader;
    this.apply = apply;
    this.started = started;
    this.active = started;
    this.files = started.files();
    this.done = fingerprint(files);
    this.seen = done;
  }

  @Override
  public void runOnce() {
    String now = fingerprint(files);
    boolean settled = now.equals(seen);
    seen = now;
    if (!settled || now.equals(done)) {
      return;
    }
    done = now;
    switch (reader.get()) {
      case Valid<Settings> valid -> take(valid);
      case Invalid<Settings> invalid ->
          log.error(
              "configuration refused, the old values stay: problems={}\n{}",
              invalid.problems().size(),
              invalid.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
  }

  private void take(Valid<Settings> valid) {
    if (!files.equals(valid.files())) {
      files = valid.files();
      done = fingerprint(files);
      seen = done;
    }
    Reloadable now = valid.value().reloadable();
    SortedSet<String> live = changed(active.values(), valid.values());
    live.removeIf(path -> !Reloadable.covers(path));
    active = valid;
    if (!live.isEmpty()) {
      apply.accept(now);
      log.info("configuration re-read: keys={}, {}", live, now);
    }
    SortedSet<String> restart = changed(started.values(), valid.values());
    restart.removeIf(Reloadable::covers);
    if (!restart.equals(waiting)) {
      waiting = restart;
      if (restart.isEmpty()) {
        log.info("configuration is again the one that the manager was started with");
      } else {
        log.warn("configuration changed, but needs a restart to take effect: keys={}", restart);
      }
    }
  }

  private static SortedSet<String> changed(Map<String, String> before, Map<String, String> after) {
    SortedSet<String> paths = new TreeSet<>(before.keySet());
    paths.addAll(after.keySet());
    paths.removeIf(path -> Objects.equals(before.get(path), after.get(path)));
    return paths;
  }

  /** Of the files' text: times of change are coarse, and stay when a folder is mounted anew. */
  private static String fingerprint(List<Path> files) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (Path file : files) {
        hash.update(content(file));
      }
      return HexFormat.of().formatHex(hash.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      // The next reading says what is wrong with it.
      return new byte[] {0};
    }
  }
}
