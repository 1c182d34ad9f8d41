package dev.buildman.edge.agent;

import dev.buildman.model.Phase;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.session.PhaseReport;
import java.util.Optional;

/** What an agent says about its progress, taken off the wire. */
final class Reports {
  private Reports() {}

  /** Empty: a phase that no agent sets, or that this contract does not know. */
  static Optional<PhaseReport> of(SetPhaseRequest request) {
    return step(request).map(step -> new PhaseReport(request.getSequenceNumber(), step));
  }

  private static Optional<PhaseReport.Step> step(SetPhaseRequest request) {
    return switch (request.getPhase()) {
      case UNPACKING -> enters(Phase.UNPACKING, request);
      case PULLING -> enters(Phase.PULLING, request);
      case BUILDING -> enters(Phase.BUILDING, request);
      case PUSHING -> enters(Phase.PUSHING, request);
      case COMPLETE ->
          Optional.of(new PhaseReport.Step.Completes(Distrust.result(request.getResult())));
      case ERROR -> Optional.of(new PhaseReport.Step.Fails(failure(request)));
      case WAITING, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static Optional<PhaseReport.Step> enters(Phase phase, SetPhaseRequest request) {
    return Optional.of(
        new PhaseReport.Step.Enters(phase, Distrust.metadata(request.getPullMetadata())));
  }

  /** Without a word about why it is the platform's, as an unknown code is. */
  private static PhaseReport.Failure failure(SetPhaseRequest request) {
    return Failures.of(request.hasFailure() ? request.getFailure() : Failure.getDefaultInstance());
  }
}
