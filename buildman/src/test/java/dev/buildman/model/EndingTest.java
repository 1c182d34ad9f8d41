package dev.buildman.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndingTest {
  /** The table once more, in words of its own: a changed cell must be changed here too. */
  private static final Map<Ending, String> TABLE = new EnumMap<>(Ending.class);

  static {
    TABLE.put(Ending.COMPLETED, "complete COMPLETED");
    TABLE.put(Ending.CANCEL, "cancelled CANCELLED");
    TABLE.put(Ending.CLAIM_LOST, "back MANAGER_LOST");
    TABLE.put(Ending.LAUNCH_UNRECORDED, "int LAUNCH_UNKNOWN");
    TABLE.put(Ending.LAUNCH_AMBIGUOUS, "free LAUNCH_UNKNOWN");
    TABLE.put(Ending.LAUNCH_REFUSED, "free EXECUTOR_UNAVAILABLE");
    TABLE.put(Ending.AGENT_INCAPABLE, "free AGENT_LACKS_CAPABILITY");
    TABLE.put(Ending.NO_ROOM_THERE, "free CAPACITY_WAIT");
    TABLE.put(Ending.IMPOSSIBLE_THERE, "error UNSATISFIABLE");
    TABLE.put(Ending.PROVIDER_INTERRUPTION, "int NODE_LOST");
    TABLE.put(Ending.MANAGER_AWAY, "int MANAGER_WAS_AWAY");
    TABLE.put(Ending.NEVER_REGISTERED, "try NEVER_REGISTERED");
    TABLE.put(Ending.WORKER_IMAGE_MISSING, "try IMAGE_PULL_FAILED");
    TABLE.put(Ending.WORKER_GONE, "try WORKER_EXITED");
    TABLE.put(Ending.LEASE_LOST, "try HEARTBEAT_LOST");
    TABLE.put(Ending.OUT_OF_MEMORY, "try OOM_KILLED");
    TABLE.put(Ending.QUAY_BUILD_FAILED, "error BUILD_FAILED");
    TABLE.put(Ending.QUAY_DOCKERFILE_PANIC, "error DOCKERFILE_INVALID");
    TABLE.put(Ending.PLATFORM_FAILURE, "try AGENT_FAILED");
    TABLE.put(Ending.USER_FAILURE, "error BUILD_FAILED");
    TABLE.put(Ending.TIMEOUT, "error BUILD_TIMEOUT");
    TABLE.put(Ending.MACHINE_MAX_TIME, "internalerror MACHINE_MAX_TIME");
  }

  @Test
  void everyEndingHasTheCostAndTheReasonOfTheTable() {
    for (Ending ending : Ending.values()) {
      assertThat(ending.outcome().word() + " " + ending.reason().code())
          .as(ending.name())
          .isEqualTo(TABLE.get(ending));
    }
  }

  @Test
  void onlyTerminalPhasesAreFinalOutcomes() {
    for (Outcome outcome : Outcome.values()) {
      boolean isPhase =
          java.util.Arrays.stream(Phase.values())
              .anyMatch(phase -> phase.isTerminal() && phase.word().equals(outcome.word()));
      assertThat(outcome.isFinal()).as(outcome.name()).isEqualTo(isPhase);
    }
  }
}
