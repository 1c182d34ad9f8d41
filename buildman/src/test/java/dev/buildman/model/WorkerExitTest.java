package dev.buildman.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerExitTest {
  /** Exit: a status, {@code sN} a signal, {@code ?} unknown, {@code oom}. */
  @ParameterizedTest
  @CsvSource({
    // agent, registered, phase, exit, manager away -> ending
    "OURS, true,  BUILDING,  1,   false, WORKER_GONE",
    "OURS, true,  BUILDING,  2,   false, WORKER_GONE",
    "OURS, true,  PUSHING,   s9,  false, WORKER_GONE",
    "OURS, true,  BUILDING,  oom, false, OUT_OF_MEMORY",
    "OURS, false, BUILD_SCHEDULED, 1, false, WORKER_GONE",
    "QUAY, false, BUILD_SCHEDULED, 1, false, WORKER_GONE",
    "QUAY, true,  BUILDING,  1,   false, QUAY_BUILD_FAILED",
    "QUAY, true,  BUILDING,  ?,   false, QUAY_BUILD_FAILED",
    "QUAY, true,  BUILDING,  1,   true,  MANAGER_AWAY",
    "QUAY, true,  BUILDING,  oom, false, OUT_OF_MEMORY",
    "QUAY, true,  BUILDING,  s9,  false, WORKER_GONE",
    "QUAY, true,  BUILDING,  137, false, WORKER_GONE",
    "QUAY, true,  PULLING,   2,   false, QUAY_DOCKERFILE_PANIC",
    "QUAY, true,  PULLING,   1,   false, WORKER_GONE",
    "QUAY, true,  PULLING,   1,   true,  MANAGER_AWAY",
    "QUAY, true,  PUSHING,   1,   false, WORKER_GONE",
    "QUAY, true,  UNPACKING, ?,   false, WORKER_GONE",
  })
  void anExitMeansWhatTheAgentsKindAndPhaseSay(
      AgentKind agent,
      boolean registered,
      Phase phase,
      String exit,
      boolean managerAway,
      Ending ending) {
    assertThat(read(exit).ending(agent, registered, phase, managerAway)).isEqualTo(ending);
  }

  private static WorkerExit read(String exit) {
    if (exit.equals("oom")) {
      return new WorkerExit(java.util.OptionalInt.of(137), 0, true);
    }
    if (exit.equals("?")) {
      return WorkerExit.unknown();
    }
    return exit.startsWith("s")
        ? WorkerExit.bySignal(Integer.parseInt(exit.substring(1)))
        : WorkerExit.withStatus(Integer.parseInt(exit));
  }
}
