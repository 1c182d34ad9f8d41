package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemainsTest {
  private static final Job UNDECIDED = new JobBuilder().withNewMetadata().endMetadata().build();
  private static final Job COMPLETE =
      new JobBuilder(UNDECIDED)
          .withNewStatus()
          .addNewCondition()
          .withType("SuccessCriteriaMet")
          .withStatus("True")
          .endCondition()
          .addNewCondition()
          .withType("Complete")
          .withStatus("True")
          .endCondition()
          .endStatus()
          .build();
  private static final Job LEAVING =
      new JobBuilder(UNDECIDED)
          .editMetadata()
          .withDeletionTimestamp("2026-01-01T00:00:00Z")
          .endMetadata()
          .build();

  private static ContainerStatus running() {
    return new ContainerStatusBuilder()
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .build();
  }

  private static ContainerStatus ended(int code) {
    return new ContainerStatusBuilder()
        .withNewState()
        .withNewTerminated()
        .withExitCode(code)
        .endTerminated()
        .endState()
        .build();
  }

  private static Pod pod(String phase, ContainerStatus... containers) {
    return new PodBuilder()
        .withNewMetadata()
        .addNewOwnerReference()
        .endOwnerReference()
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .withContainerStatuses(containers)
        .endStatus()
        .build();
  }

  private static Pod leaving(Pod pod) {
    return new PodBuilder(pod)
        .editMetadata()
        .withDeletionTimestamp("2026-01-01T00:00:00Z")
        .endMetadata()
        .build();
  }

  /** The phase follows a second later. */
  @Test
  void aPodIsOverWithItsLastContainer() {
    assertThat(Remains.isOver(pod("Running", running()))).isFalse();
    assertThat(Remains.isOver(pod("Running", ended(0)))).isTrue();
    assertThat(Remains.isOver(pod("Succeeded", ended(0)))).isTrue();
  }

  @Test
  void aPodOfWhichSomethingRunsIsNotOverWhateverItsPhaseK15() {
    assertThat(Remains.isOver(pod("Failed", running()))).isFalse();
    assertThat(Remains.isOver(pod("Running", ended(0), running()))).isFalse();
    Pod withSidecar =
        new PodBuilder(pod("Running", ended(0)))
            .editStatus()
            .withInitContainerStatuses(running())
            .endStatus()
            .build();
    assertThat(Remains.isOver(withSidecar)).as("a sidecar is an init container (K13)").isFalse();
  }

  @Test
  void aPodWhoseContainersAreNotAllKnownYetIsNotOver() {
    assertThat(Remains.isOver(pod("Pending"))).isFalse();
    Pod ofTwo =
        new PodBuilder(pod("Running", ended(0)))
            .editSpec()
            .addNewContainer()
            .endContainer()
            .endSpec()
            .build();
    assertThat(Remains.isOver(ofTwo)).isFalse();
  }

  @Test
  void aWorkerIsGoneBeforeItsJobHasSeenThat() {
    assertThat(Remains.isGone(UNDECIDED, List.of(pod("Running", ended(0))))).isTrue();
    assertThat(Remains.isGone(UNDECIDED, List.of(pod("Running", running())))).isFalse();
    assertThat(Remains.isGone(UNDECIDED, List.of())).as("its pod is yet to come").isFalse();
  }

  /** In its place another may come on clusters that know no podReplacementPolicy. */
  @Test
  void aWorkerWhosePodIsTakenAwayIsNotGoneWhileItsJobIsUndecidedK4() {
    List<Pod> takenAway = List.of(leaving(pod("Failed", ended(137))));

    assertThat(Remains.isGone(UNDECIDED, takenAway)).isFalse();
    assertThat(Remains.isGone(COMPLETE, takenAway)).isTrue();
    assertThat(Remains.isGone(LEAVING, takenAway)).isTrue();
    assertThat(Remains.isGone(null, takenAway)).isTrue();
  }

  @Test
  void onlyAnEndThatIsNoSuccessIsAFailure() {
    assertThat(Remains.hasFailed(pod("Running", ended(1)))).isTrue();
    assertThat(Remains.hasFailed(pod("Failed"))).isTrue();
    assertThat(Remains.hasFailed(pod("Succeeded", ended(0)))).isFalse();
    assertThat(Remains.hasFailed(pod("Running", running()))).isFalse();
  }
}
