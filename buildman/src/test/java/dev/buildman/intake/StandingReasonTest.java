package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.queue.BuildRecord;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StandingReasonTest {

  @Test
  void aBuildBehindAnotherSaysSo() {
    assertThat(reason(Place.BEHIND, Reason.ENQUEUED, 0, 4)).isEqualTo("REPOSITORY_BUSY");
  }

  @Test
  void aHeadWaitsForCapacityOnlyWhileNoneIsFree() {
    assertThat(reason(Place.HEAD, Reason.ENQUEUED, 4, 4)).isEqualTo("CAPACITY_WAIT");
    assertThat(reason(Place.HEAD, Reason.ENQUEUED, 3, 4)).isEqualTo("ENQUEUED");
  }

  @Test
  void aManagerThatAllowsNoWorkersIsNamedByItsKey() {
    assertThat(standing(Place.HEAD, Reason.ENQUEUED, 0, 0).sentence())
        .contains("ALLOWED_WORKER_COUNT");
  }

  @Test
  void whatAScriptSaidStays() {
    assertThat(reason(Place.PARKED, Reason.CIRCUIT_OPEN, 4, 4)).isEqualTo("CIRCUIT_OPEN");
    assertThat(reason(Place.HEAD, Reason.HEARTBEAT_LOST, 3, 4)).isEqualTo("HEARTBEAT_LOST");
    assertThat(reason(Place.DELAYED, Reason.OOM_KILLED, 4, 4)).isEqualTo("OOM_KILLED");
  }

  @Test
  void whatHoldsAHeadUpNowGoesBeforeWhatOnceSentItBack() {
    assertThat(reason(Place.HEAD, Reason.HEARTBEAT_LOST, 4, 4)).isEqualTo("CAPACITY_WAIT");
  }

  @Test
  void aChainThatTakesNothingIsTheReasonThoughWorkersAreFree() {
    Room closed = new Room(0, 4, Optional.of(Why.of(Reason.CIRCUIT_OPEN, "k8s: left alone")));
    BuildView.Standing standing =
        StandingReason.withoutJob(standing(Place.HEAD, Reason.ENQUEUED), () -> closed);
    assertThat(standing.reason()).isEqualTo("CIRCUIT_OPEN");
    assertThat(standing.sentence()).isEqualTo("k8s: left alone");
  }

  @Test
  void aNamespacesOwnReasonGoesFirstWhereAFreeWorkerWouldNotHelp() {
    assertThat(inNamespace(Reason.NAMESPACE_NOT_ALLOWED, 4)).isEqualTo("NAMESPACE_NOT_ALLOWED");
    assertThat(inNamespace(Reason.NAMESPACE_LIMIT, 4)).isEqualTo("NAMESPACE_LIMIT");
    assertThat(inNamespace(Reason.EXECUTOR_FULL, 4)).isEqualTo("CAPACITY_WAIT");
    assertThat(inNamespace(Reason.EXECUTOR_FULL, 3)).isEqualTo("EXECUTOR_FULL");
  }

  private static String inNamespace(Reason reason, int held) {
    BuildRecord.Standing head =
        new BuildRecord.Standing(
            Place.HEAD, Phase.WAITING, Reason.ENQUEUED.code(), "", 0, Optional.of(Why.of(reason)));
    return StandingReason.withoutJob(head, () -> new Room(held, 4, Optional.empty())).reason();
  }

  private static String reason(Place place, Reason reason, int held, int allowed) {
    return standing(place, reason, held, allowed).reason();
  }

  private static BuildView.Standing standing(Place place, Reason reason, int held, int allowed) {
    return StandingReason.withoutJob(
        standing(place, reason), () -> new Room(held, allowed, Optional.empty()));
  }

  private static BuildRecord.Standing standing(Place place, Reason reason) {
    return new BuildRecord.Standing(
        place, Phase.WAITING, reason.code(), reason.sentence(), 0, Optional.empty());
  }
}
