package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.process.Channel;
import dev.buildman.proto.agent.FailureCode;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a build prints: its {@code STEP} lines become steps, counted over all stages as in
 * Docker, the rest is output. Knows at the end which instruction failed.
 */
final class StepLog implements BiConsumer<Channel, String> {
  private static final Pattern STEP =
      Pattern.compile("(?:\\[\\d+/\\d+] )?STEP \\d+/\\d+: (.*)", Pattern.DOTALL);
  private static final Pattern FAILED =
      Pattern.compile("building at STEP \"(.*)\": (.*)", Pattern.DOTALL);
  private static final Pattern STATUS = Pattern.compile("exit status (\\d{1,3})\\s*$");
  private static final int INTERRUPTED = 130; // what a shell says of a command that was killed

  private final List<Instruction> instructions;
  private final List<String> printed;
  private final EngineLog log;
  private int number;

  /**
   * @param printed how buildah prints each of the instructions
   */
  StepLog(List<Instruction> instructions, List<String> printed, EngineLog log) {
    this.instructions = instructions;
    this.printed = printed.stream().map(StepLog::plain).toList();
    this.log = log;
  }

  /** Both channels end here, each from a thread of its own. */
  @Override
  public synchronized void accept(Channel channel, String line) {
    Matcher step = channel == Channel.STDOUT ? STEP.matcher(line) : null;
    if (step != null && step.matches()) {
      begin(step.group(1));
    } else {
      log.output(line + "\n");
    }
  }

  private void begin(String text) {
    int found = find(text);
    if (found < 0) {
      // What buildah adds itself: labels of the build, triggers of the base image.
      log.output("STEP " + text + "\n");
      return;
    }
    number = found + 1;
    log.step(number, instructions.size(), instructions.get(found).text());
  }

  /** Instructions begin in their order, so the search goes on after the last one. */
  private int find(String text) {
    String wanted = plain(text);
    for (int i = number; i < instructions.size(); i++) {
      if (printed.get(i).equals(wanted)) {
        return i;
      }
    }
    return -1;
  }

  /** Continued lines are joined with more or fewer blanks by different readers. */
  private static String plain(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  /** The failure that buildah's error means. */
  synchronized EngineFailure failure(Buildah.Result result) {
    String words = result.words();
    Matcher failed = FAILED.matcher(words);
    if (!failed.matches()) {
      return EngineFailure.of(code(words), "buildah could not build: " + words);
    }
    Instruction instruction = number > 0 ? instructions.get(number - 1) : null;
    String why = failed.group(2);
    EngineFailure failure =
        EngineFailure.of(FailureCode.BUILD_ERROR, message(instruction, failed.group(1), why));
    if (instruction != null) {
      failure = failure.at(instruction.text(), instruction.line());
    }
    return failure.withExitCode(status(why));
  }

  private static String message(@Nullable Instruction instruction, String step, String why) {
    String where = instruction == null ? "" : " (line " + instruction.line() + ")";
    return "the step %s%s failed: %s"
        .formatted(instruction == null ? step : instruction.text(), where, why);
  }

  private static int status(String why) {
    Matcher status = STATUS.matcher(why);
    if (status.find()) {
      return Integer.parseInt(status.group(1));
    }
    return why.contains("signal:") ? INTERRUPTED : 0;
  }

  private static FailureCode code(String words) {
    if (words.contains("parse error") || words.contains("parsing main Dockerfile")) {
      return FailureCode.DOCKERFILE_ISSUE;
    }
    return words.contains("image not known")
        ? FailureCode.CANNOT_PULL_BASE_IMAGE
        : FailureCode.BUILD_RUN_ERROR;
  }
}
