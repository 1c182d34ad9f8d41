package dev.buildman.cli;

import com.google.protobuf.Timestamp;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.proto.v1.ResourceUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How things are called for people. */
final class Words {

  private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})([smhd]?)");

  private Words() {}

  /** The phase's word as on every surface: {@code build-scheduled}, {@code internalerror}. */
  static String phase(Phase phase) {
    return switch (phase) {
      case PHASE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
      case PHASE_INTERNAL_ERROR -> "internalerror";
      default ->
          phase.name().substring("PHASE_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
    };
  }

  /** The phase of a word; throws {@link UsageException} for any other. */
  static Phase phaseOf(String word) {
    for (Phase phase : Phase.values()) {
      if (phase != Phase.UNRECOGNIZED
          && phase != Phase.PHASE_UNSPECIFIED
          && phase(phase).equals(word)) {
        return phase;
      }
    }
    throw new UsageException(
        "'"
            + word
            + "' is no phase: waiting, build-scheduled, unpacking, pulling, building, pushing, "
            + "complete, error, internalerror or cancelled");
  }

  static boolean isTerminal(Phase phase) {
    return phase.getNumber() >= Phase.PHASE_COMPLETE_VALUE;
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /** Reads {@code 90}, {@code 90s}, {@code 30m}, {@code 2h} or {@code 1d}. */
  static Duration span(String option, String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException("%s: '%s' is no time; give 90s, 30m or 2h".formatted(option, text));
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case "d" -> Duration.ofDays(number);
      default -> Duration.ofSeconds(number);
    };
  }

  /** {@code 42s}, {@code 3m05s}, {@code 2h07m}, {@code 4d}. */
  static String span(Duration span) {
    long seconds = Math.max(0, span.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return "%dm%02ds".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 86400) {
      return "%dh%02dm".formatted(seconds / 3600, seconds % 3600 / 60);
    }
    return seconds / 86400 + "d";
  }

  /** From its enqueue to its end, or until now. */
  static Duration age(Build build, Instant now) {
    if (!build.hasEnqueuedAt()) {
      return Duration.ZERO;
    }
    Instant until = build.hasEndedAt() ? instant(build.getEndedAt()) : now;
    return Duration.between(instant(build.getEnqueuedAt()), until);
  }

  /** What is known of it: {@code 1.5 cores, 64.0 MB memory, 1.1 GB disk}. */
  static String usage(ResourceUsage usage) {
    List<String> known = new ArrayList<>();
    if (usage.getCpuMillis() > 0) {
      known.add(String.format(Locale.ROOT, "%.1f cores", usage.getCpuMillis() / 1e3));
    }
    if (usage.getMemoryBytes() > 0) {
      known.add(UploadProgress.size(usage.getMemoryBytes()) + " memory");
    }
    if (usage.getDiskBytes() > 0) {
      known.add(UploadProgress.size(usage.getDiskBytes()) + " disk");
    }
    return String.join(", ", known);
  }

  /** The names that the image is pushed to: {@code registry/namespace/name:tag}. */
  static String image(Build build) {
    String tag = build.getTagsCount() == 0 ? "" : ":" + build.getTags(0);
    String registry = build.getRegistry().isEmpty() ? "" : build.getRegistry() + "/";
    return registry + build.getRepository() + tag;
  }

  /** The exit status of a command that followed the build to its end. */
  static int exitCode(Build build) {
    return switch (build.getPhase()) {
      case PHASE_COMPLETE -> ExitCode.OK;
      case PHASE_CANCELLED -> ExitCode.CANCELLED;
      default -> ExitCode.BUILD_FAILED;
    };
  }
}
