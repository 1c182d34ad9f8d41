package dev.buildman.orchestrator.job;

import dev.buildman.orchestrator.EndNote;
import dev.buildman.redis.Arguments;

/** How the ends of attempts tell the scripts why. */
final class Ends {
  private Ends() {}

  static Arguments note(Arguments arguments, EndNote end) {
    return arguments
        .with("outcome", end.ending().outcome().word())
        .with("reason", end.reason().code())
        .with("sentence", end.sentence());
  }
}
