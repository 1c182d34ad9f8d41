package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.proto.agent.FailureCode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A failed build in the words of the port.
 *
 * @param words BuildKit's
 * @param instruction the one at fault; null when none is
 */
record BuildxFailure(String words, @Nullable Instruction instruction) {
  private static final Pattern EXIT = Pattern.compile("exit code: (\\d{1,3})");
  private static final Pattern PREFIX =
      Pattern.compile("^(?:failed to (?:build|solve)(?: with frontend \\S+)?: )+");

  private static final List<String> FILE =
      List.of("dockerfile parse error", "unknown instruction", "unknown flag");

  private static final List<String> CONNECTION =
      List.of(
          "error reading from server",
          "cannot connect to the docker daemon",
          "code = unavailable",
          "closing transport",
          "transport is closing",
          "connection refused",
          "unexpected eof",
          "failed to find driver",
          "no such file or directory: dial unix");

  private static final List<String> PLATFORM =
      List.of(
          "no space left on device",
          "cannot allocate memory",
          "input/output error",
          "network bridge not found",
          "failed to mount");

  EngineFailure failure() {
    String said = PREFIX.matcher(words.strip()).replaceFirst("");
    Matcher exit = EXIT.matcher(said);
    int status = exit.find() ? Integer.parseInt(exit.group(1)) : 0;
    FailureCode code = status > 0 ? FailureCode.BUILD_ERROR : code(said.toLowerCase(Locale.ROOT));
    if (instruction == null || code == FailureCode.DOCKER_CONNECT_ERROR) {
      return EngineFailure.of(code, "BuildKit could not build: " + said);
    }
    return EngineFailure.of(
            code,
            "the step %s (line %d) failed: %s"
                .formatted(instruction.text(), instruction.line(), said))
        .at(instruction.text(), instruction.line())
        .withExitCode(status);
  }

  private FailureCode code(String lower) {
    if (FILE.stream().anyMatch(lower::contains)) {
      return FailureCode.DOCKERFILE_ISSUE;
    }
    if (lower.contains("failed to resolve source metadata")) {
      return FailureCode.CANNOT_PULL_BASE_IMAGE;
    }
    // What a command of the build says of its own connections stands beside its instruction.
    if (instruction == null && CONNECTION.stream().anyMatch(lower::contains)) {
      return FailureCode.DOCKER_CONNECT_ERROR;
    }
    return PLATFORM.stream().anyMatch(lower::contains)
        ? FailureCode.BUILD_RUN_ERROR
        : FailureCode.BUILD_ERROR;
  }
}
