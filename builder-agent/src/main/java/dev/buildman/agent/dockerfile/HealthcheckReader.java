package dev.buildman.agent.dockerfile;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads what follows HEALTHCHECK. */
final class HealthcheckReader {

  /** Reads the JSON or shell form of a command. */
  @FunctionalInterface
  interface CommandReader {
    Instruction.Command read(String text) throws DockerfileException;
  }

  private final Flags flags;
  private final int line;

  private HealthcheckReader(Flags flags, int line) {
    this.flags = flags;
    this.line = line;
  }

  static HealthProbe read(Flags flags, CommandReader commands, int line)
      throws DockerfileException {
    return new HealthcheckReader(flags, line).read(commands);
  }

  private HealthProbe read(CommandReader commands) throws DockerfileException {
    String[] parts = flags.rest().split("\\s+", 2);
    String kind = parts[0].toUpperCase(Locale.ROOT);
    String rest = parts.length > 1 ? parts[1] : "";
    if (kind.equals("NONE") && rest.isEmpty() && flags.values().isEmpty()) {
      return new HealthProbe(null, null, null, null, null, 0);
    }
    if (!kind.equals("CMD") || rest.isEmpty()) {
      throw new DockerfileException(
          line,
          "HEALTHCHECK takes CMD and a command, or NONE without flags; found "
              + flags.rest()
              + ".");
    }
    return new HealthProbe(
        commands.read(rest),
        duration("interval"),
        duration("timeout"),
        duration("start-period"),
        duration("start-interval"),
        retries());
  }

  private @Nullable Duration duration(String flag) throws DockerfileException {
    String value = value(flag);
    if (value == null) {
      return null;
    }
    Duration duration = GoDuration.parse(value);
    if (duration == null) {
      throw new DockerfileException(
          line, "--" + flag + "=" + value + " is no duration; write it as 30s or 1m30s.");
    }
    if (!duration.isZero() && duration.toMillis() < 1) {
      throw new DockerfileException(line, "--" + flag + "=" + value + " is shorter than 1ms.");
    }
    return duration;
  }

  private int retries() throws DockerfileException {
    String value = value("retries");
    if (value == null) {
      return 0;
    }
    if (!value.matches("[0-9]{1,9}")) {
      throw new DockerfileException(line, "--retries=" + value + " is no number of retries.");
    }
    return Integer.parseInt(value);
  }

  private @Nullable String value(String flag) {
    List<String> values = flags.values().get(flag);
    return values == null ? null : values.getLast();
  }
}
