package dev.buildman.executor.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Reason;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;

class FateTest {
  private static Fate of(InstanceStateName state, String reason) {
    WorkerRequest request = Requests.of("exit 0");
    SeenWorker worker =
        new SeenWorker(request.attempt(), WorkerRef.of(request.name()), Requests.OURS.state());
    return Fate.of(
        new SeenInstance("i-1", worker, state, reason, "its words", false, false, Instant.EPOCH));
  }

  @ParameterizedTest
  @CsvSource({
    "Server.SpotInstanceTermination, SPOT_INTERRUPTED",
    "Server.SpotInstanceShutdown, SPOT_INTERRUPTED",
    "Server.InternalError, NODE_LOST",
    "Server.ScheduledStop, NODE_LOST"
  })
  void whatTheProviderEndsIsItsOwnFault(String reason, Reason means) {
    assertThat(of(InstanceStateName.SHUTTING_DOWN, reason))
        .isInstanceOfSatisfying(
            Fate.Taken.class,
            taken -> {
              assertThat(taken.reason()).isEqualTo(means);
              assertThat(taken.sentence()).contains("its words");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "Server.InsufficientInstanceCapacity, UNSCHEDULABLE",
    "Client.VolumeLimitExceeded, QUOTA_EXCEEDED",
    "Client.InternalError, EXECUTOR_UNAVAILABLE",
    "Client.InvalidSnapshot.NotFound, EXECUTOR_UNAVAILABLE"
  })
  void whatNeverRanIsNoFaultOfItsBuild(String reason, Reason means) {
    assertThat(of(InstanceStateName.TERMINATED, reason))
        .isInstanceOfSatisfying(
            Fate.NeverRan.class, never -> assertThat(never.reason()).isEqualTo(means));
  }

  @Test
  void onlyAMachineThatSwitchedItselfOffHasALastWordToWaitFor() {
    assertThat(of(InstanceStateName.SHUTTING_DOWN, "Client.InstanceInitiatedShutdown"))
        .isEqualTo(new Fate.Over(true));
    assertThat(of(InstanceStateName.SHUTTING_DOWN, "Client.UserInitiatedShutdown"))
        .isEqualTo(new Fate.Over(false));
    assertThat(of(InstanceStateName.STOPPED, "")).isEqualTo(new Fate.Over(false));
  }

  @Test
  void whileItRunsNothingThatOnceWasCounts() {
    assertThat(of(InstanceStateName.RUNNING, "Server.InternalError")).isEqualTo(new Fate.Well());
    assertThat(of(InstanceStateName.PENDING, "pending")).isEqualTo(new Fate.Well());
  }
}
