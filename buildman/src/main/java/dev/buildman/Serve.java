package dev.buildman;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.config.Problem;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a manager by a configuration file until the process is asked to end. */
final class Serve {

  /** {@code sysexits.h}: done, cannot work here, bad configuration. */
  static final int DONE = 0;

  static final int UNAVAILABLE = 69;
  static final int BAD_CONFIGURATION = 78;

  private static final Logger log = LoggerFactory.getLogger(Serve.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2, new Random());

  private final ConfigReader reader;
  private final Places places;

  Serve(Map<String, String> environment, Places places) {
    this.reader = new ConfigReader(environment);
    this.places = places;
  }

  /** Reads a file as the manager does. */
  ConfigResult<Settings> read(Path file) {
    return reader.read(file, top -> Settings.parse(top, places));
  }

  /**
   * Runs until the stop is asked for; drains and closes then.
   *
   * @return the process's exit status
   */
  int run(Path file, Stop stop) {
    return run(file, stop, () -> log.info("ready: file={}", file));
  }

  /**
   * As {@link #run(Path, Stop)}.
   *
   * @param ready called when everything is served
   */
  int run(Path file, Stop stop, Runnable ready) {
    switch (read(file)) {
      case ConfigResult.Invalid<Settings> invalid -> {
        invalid.problems().forEach(problem -> log.error("configuration: {}", problem));
        log.error("not started: file={}, problems={}", file, invalid.problems().size());
        return BAD_CONFIGURATION;
      }
      case ConfigResult.Valid<Settings> valid -> {
        for (Problem warning : valid.warnings()) {
          log.warn("configuration: {}", warning);
        }
        return run(file, valid, stop, ready);
      }
    }
  }

  private int run(Path file, ConfigResult.Valid<Settings> valid, Stop stop, Runnable ready) {
    try (Buildman buildman = Buildman.start(valid.value());
        Loop reload = reload(file, valid, buildman)) {
      ready.run();
      stop.await();
      reload.close();
      buildman.drain();
    } catch (InterruptedException e) {
      log.info("ended before everything was started, or while draining");
    } catch (StartRefused | IOException | UncheckedIOException e) {
      log.error("not started: {}", e.getMessage());
      return UNAVAILABLE;
    }
    log.info("ended");
    return DONE;
  }

  private Loop reload(Path file, ConfigResult.Valid<Settings> valid, Buildman buildman) {
    Reload reload = new Reload(() -> read(file), valid, buildman::apply);
    return Loop.start("reload", LOOK, ON_FAILURE, reload);
  }
}
