package dev.buildman.agent.run;

import dev.buildman.proto.agent.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A build's failure, for its log and for the manager: where, what, what was said, why perhaps. */
final class FailureReport {
  private final BuildFailure failure;
  private final List<String> lastLines;
  private final Optional<LikelyCause> cause;

  /**
   * @param lastLines what the failed step printed last
   */
  FailureReport(BuildFailure failure, List<String> lastLines) {
    this.failure = failure;
    this.lastLines = List.copyOf(lastLines);
    List<String> texts = new ArrayList<>(lastLines);
    texts.add(String.valueOf(failure.getMessage()));
    this.cause = LikelyCause.of(failure.exitCode(), texts);
  }

  /** For the log, where the last lines stand already. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(String.valueOf(failure.getMessage()));
    if (!failure.step().isEmpty()) {
      lines.add("  failed at: " + failure.step());
    }
    if (failure.exitCode() != 0) {
      lines.add("  exit status: " + failure.exitCode());
    }
    cause.ifPresent(known -> lines.add("  likely cause: " + known.sentence()));
    return lines;
  }

  /** For the manager; every text goes through the mask. */
  Failure toWire(UnaryOperator<String> mask) {
    StringBuilder message = new StringBuilder(String.valueOf(failure.getMessage()));
    cause.ifPresent(known -> message.append(". Likely cause: ").append(known.sentence()));
    if (failure.exitCode() != 0 && !lastLines.isEmpty()) {
      message.append(". It last said: ").append(lastLines.getLast());
    }
    return failure.toWire(message.toString(), mask);
  }
}
