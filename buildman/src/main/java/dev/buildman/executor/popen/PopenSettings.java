package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutorSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of one popen executor.
 *
 * @param binary the agent's program, {@code BUILDER_BINARY_LOCATION}
 * @param workDirectory holds one folder for each worker, {@code WORK_DIR}; made when missing
 * @param grace from the polite signal to the one that cannot be caught
 */
public record PopenSettings(
    ExecutorSettings common, Path binary, Path workDirectory, Duration grace) {

  /** Enough for an agent to end its engine and remove its files. */
  public static final Duration GRACE = Duration.ofSeconds(10);
}
