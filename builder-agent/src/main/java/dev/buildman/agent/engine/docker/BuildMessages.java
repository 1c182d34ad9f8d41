package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.StepCursor;
import dev.buildman.proto.agent.FailureCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a daemon says while it builds. Docker's and Podman's words differ: {@code Step 1/2 : RUN x}
 * in parts and {@code STEP 1/2: RUN x} in lines. For one thread at a time; what it has noted may be
 * asked for when the daemon has ended its answer.
 */
final class BuildMessages implements Daemon.Messages {
  private static final Pattern STEP =
      Pattern.compile("(?:\\[\\d+/\\d+] )?(?:Step|STEP) \\d+/\\d+ ?: (.*)", Pattern.DOTALL);
  private static final Pattern IMAGE = Pattern.compile("\\s?--?->\\s([0-9a-f]{11,64})");
  private static final Pattern CONTAINER = Pattern.compile(" ---> Running in ([0-9a-f]{12,64})");
  private static final Pattern STATUS = Pattern.compile("exit status (\\d{1,3})\\s*$");
  private static final Pattern AT_STEP =
      Pattern.compile("building at STEP \"(.*)\": (.*)", Pattern.DOTALL);

  /** What a daemon says when its machine is at fault, not the Dockerfile. */
  private static final List<String> PLATFORM =
      List.of(
          "no space left on device",
          "cgroup",
          "cannot allocate memory",
          "error creating overlay mount",
          "failed to create endpoint",
          "input/output error",
          "too many open files");

  private final StepCursor steps;
  private final EngineLog log;
  private final Set<String> made = new LinkedHashSet<>();
  private final Set<String> containers = new LinkedHashSet<>();
  private boolean cached;
  private boolean base;
  private String imageId = "";
  private @Nullable EngineFailure failure;

  BuildMessages(List<Instruction> instructions, EngineLog log) {
    this.steps = new StepCursor(instructions, log);
    this.log = log;
  }

  @Override
  public void accept(JsonNode message) throws DaemonException {
    JsonNode error = message.path("errorDetail");
    if (error.isObject() || message.hasNonNull("error")) {
      failure =
          failure(error.path("message").asText(message.path("error").asText()), error.path("code"));
      return;
    }
    String id = message.path("aux").path("ID").asText("");
    if (!id.isEmpty()) {
      imageId = id;
    }
    if (message.hasNonNull("stream")) {
      stream(message.path("stream").asText());
    } else if (message.hasNonNull("status")) {
      log.status(message.path("status").asText());
    }
  }

  private void stream(String text) {
    String line = text.stripTrailing();
    Matcher step = STEP.matcher(line);
    if (step.matches()) {
      cached = false;
      base = step.group(1).toUpperCase(Locale.ROOT).startsWith("FROM");
      if (!steps.begin(step.group(1))) {
        log.output(line + "\n");
      }
      return;
    }
    note(line);
    // The end of Docker's step line comes alone.
    if (!text.equals("\n")) {
      log.output(text);
    }
  }

  private void note(String line) {
    Matcher container = CONTAINER.matcher(line);
    if (container.matches()) {
      containers.add(container.group(1));
    }
    if (line.endsWith("Using cache") || line.contains("> Using cache ")) {
      cached = true;
    }
    Matcher image = IMAGE.matcher(line);
    if (image.matches() && !cached && !base) {
      made.add(image.group(1));
    }
  }

  private EngineFailure failure(String message, JsonNode code) {
    String words = message.strip();
    int status = code.asInt(0);
    Matcher atStep = AT_STEP.matcher(words);
    if (atStep.matches()) {
      words = atStep.group(2);
      Matcher exit = STATUS.matcher(words);
      status = exit.find() ? Integer.parseInt(exit.group(1)) : 0;
    }
    EngineFailure plain = EngineFailure.of(code(words, status), words);
    return steps.failed(status > 0 ? plain.withExitCode(status) : plain);
  }

  private static FailureCode code(String words, int status) {
    String lower = words.toLowerCase(Locale.ROOT);
    if (lower.contains("parse error") || lower.contains("dockerfile syntax")) {
      return FailureCode.DOCKERFILE_ISSUE;
    }
    return status == 0 && PLATFORM.stream().anyMatch(lower::contains)
        ? FailureCode.BUILD_RUN_ERROR
        : FailureCode.BUILD_ERROR;
  }

  /**
   * The image that was built.
   *
   * @throws EngineFailure what the daemon said instead, or that it broke off
   */
  String imageId() throws EngineFailure {
    if (failure != null) {
      throw failure;
    }
    if (imageId.isEmpty()) {
      throw EngineFailure.of(
          FailureCode.DOCKER_CONNECT_ERROR,
          "the daemon ended its answer before the image was built; it may have been stopped.");
    }
    return imageId;
  }

  /** Whether the daemon told how the build ended; else it was broken off. */
  boolean areWhole() {
    return failure != null || !imageId.isEmpty();
  }

  /** Containers that this build's steps ran in; a daemon removes each at the end of its step. */
  List<String> containers() {
    return List.copyOf(containers);
  }

  /** Images that this build made and no cache gave, the newest first. */
  List<String> madeImages() {
    return new ArrayList<>(made).reversed();
  }
}
