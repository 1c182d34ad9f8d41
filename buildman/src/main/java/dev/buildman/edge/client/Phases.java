package dev.buildman.edge.client;

import dev.buildman.proto.v1.Phase;
import java.util.Optional;

/** Phases of the model and of the API: the same words. */
final class Phases {

  private static final String PREFIX = "PHASE_";

  private Phases() {}

  static Phase message(dev.buildman.model.Phase phase) {
    return Phase.valueOf(PREFIX + phase.name());
  }

  /** Empty for the unspecified one and for those of a later version. */
  static Optional<dev.buildman.model.Phase> model(Phase phase) {
    return switch (phase) {
      case PHASE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
      default ->
          Optional.of(dev.buildman.model.Phase.valueOf(phase.name().substring(PREFIX.length())));
    };
  }
}
