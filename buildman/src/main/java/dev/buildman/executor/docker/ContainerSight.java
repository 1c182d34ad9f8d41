package dev.buildman.executor.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.model.Frame;
import dev.buildman.executor.Exit;
import dev.buildman.executor.LastLines;
import dev.buildman.model.WorkerExit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what a daemon says of a container. */
final class ContainerSight {
  private static final Logger log = LoggerFactory.getLogger(ContainerSight.class);
  private static final Duration READING = Duration.ofSeconds(10);
  private static final int LINES = 60;
  private static final int LONGEST = 256 << 10;

  /** What a shell and a daemon add to the number of the signal that ended a process. */
  private static final int SIGNALLED = 128;

  private static final int LAST_SIGNAL = 64;

  private ContainerSight() {}

  /** Whether nothing of it runs, or will: it ran, and has ended. */
  static boolean hasEnded(ContainerState state) {
    String status = String.valueOf(state.getStatus()).toLowerCase(Locale.ROOT);
    return status.equals("exited") || status.equals("dead") || status.equals("stopped");
  }

  /** How it ended. */
  static WorkerExit exit(ContainerState state) {
    return exit(
        state.getExitCodeLong() == null ? -1 : state.getExitCodeLong().intValue(),
        Boolean.TRUE.equals(state.getOOMKilled()));
  }

  /**
   * How a container ended.
   *
   * @param code negative: unknown
   */
  static WorkerExit exit(int code, boolean outOfMemory) {
    OptionalInt status = code < 0 ? OptionalInt.empty() : OptionalInt.of(code);
    int signal = code > SIGNALLED && code <= SIGNALLED + LAST_SIGNAL ? code - SIGNALLED : 0;
    if (outOfMemory) {
      return new WorkerExit(status, signal, true);
    }
    if (signal != 0) {
      return WorkerExit.bySignal(signal);
    }
    return new WorkerExit(status, 0, false);
  }

  /** When it ended; empty where the daemon does not say. */
  static Optional<Instant> ended(ContainerState state) {
    try {
      return Optional.ofNullable(state.getFinishedAt()).map(Instant::parse);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /** The end of what it printed, secrets masked; nothing where that cannot be read. */
  static List<String> lastLines(Daemon daemon, String container) {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ResultCallback.Adapter<Frame> reader =
        new ResultCallback.Adapter<>() {
          @Override
          public void onNext(Frame frame) {
            if (printed.size() < LONGEST) {
              printed.writeBytes(frame.getPayload());
            }
          }
        };
    try (reader) {
      boolean whole =
          daemon
              .streams()
              .logContainerCmd(container)
              .withStdOut(true)
              .withStdErr(true)
              .withTail(LINES)
              .exec(reader)
              .awaitCompletion(READING.toSeconds(), TimeUnit.SECONDS);
      log.trace("log read: container={}, whole={}", container, whole);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      log.debug(
          "a worker's log could not be read: container={}, cause={}", container, e.toString());
    }
    return LastLines.masked(printed.toString(StandardCharsets.UTF_8).lines().toList());
  }

  /** Its end with its last lines. */
  static Exit exit(Daemon daemon, String container, ContainerState state) {
    return new Exit(exit(state), lastLines(daemon, container));
  }
}
