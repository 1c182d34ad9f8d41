package dev.buildman.intake;

import dev.buildman.model.ExecutorName;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.ExecutorSwitch;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Switches executors off and on for operators. */
public final class ExecutorControl {
  private static final Logger log = LoggerFactory.getLogger(ExecutorControl.class);

  private final ExecutorSwitch switches;
  private final StatusReport status;
  private final Patience patience;

  /**
   * @param status knows which executors there are
   */
  public ExecutorControl(OrchestratorScripts scripts, StatusReport status, Patience patience) {
    this.switches = new ExecutorSwitch(scripts);
    this.status = status;
    this.patience = patience;
  }

  /**
   * Lets an executor take nothing more, or takes that back. Done again where it is so already.
   *
   * @param reason for people; empty: none
   * @param by who wants it; empty: unknown
   * @throws OrchestratorAway when it is not known whether it was done: ask again
   */
  public Answer<StatusView.ExecutorView> run(String name, boolean off, String reason, String by) {
    Violations violations = new Violations();
    Lines.require(violations, reason, "reason");
    Lines.require(violations, by, "by");
    ExecutorName executor = violations.parse("name", () -> new ExecutorName(name));
    if (executor == null || !violations.isEmpty()) {
      return new Answer.Invalid<>(violations.all());
    }
    List<StatusView.ExecutorView> known = status.read().executors();
    if (known.stream().noneMatch(view -> view.name().equals(name))) {
      List<String> names = known.stream().map(StatusView.ExecutorView::name).toList();
      return new Answer.Denied<>(
          Answer.Denial.EXECUTOR_UNKNOWN,
          "there is no executor %s; there are: %s".formatted(name, String.join(", ", names)),
          name);
    }
    Result<Done> result =
        patience.call(
            () -> off ? switches.off(executor, sentence(reason, by)) : switches.on(executor));
    if (result instanceof Result.Applied) {
      log.warn("executor switched: executor={}, off={}, by={}, reason={}", name, off, by, reason);
    }
    return status.read().executors().stream()
        .filter(view -> view.name().equals(name))
        .findFirst()
        .<Answer<StatusView.ExecutorView>>map(Answer.Done::new)
        .orElseThrow(() -> new IllegalStateException("the chain does not change: " + name));
  }

  private static String sentence(String reason, String by) {
    return by.isEmpty() || reason.isEmpty() ? by + reason : by + ": " + reason;
  }
}
