package dev.buildman.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.queue.BuildRecord;
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
    assertThat(reason(Place.HEAD, Reason.HEARTBEAT_LOST, 4, 4)).isEqualTo("HEARTBEAT_LOST");
    assertThat(reason(Place.DELAYED, Reason.OOM_KILLED, 4, 4)).isEqualTo("OOM_KILLED");
  }

  private static String reason(Place place, Reason reason, int held, int allowed) {
    return standing(place, reason, held, allowed).reason();
  }

  private static BuildView.Standing standing(Place place, Reason reason, int held, int allowed) {
    BuildRecord.Standing standing =
        new BuildRecord.Standing(place, Phase.WAITING, reason.code(), reason.sentence(), 0);
    return StandingReason.withoutJob(standing, held, allowed);
  }
}
