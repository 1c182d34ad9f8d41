package dev.buildman.orchestrator;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.redis.Reply;
import java.time.Duration;

/**
 * What became of a build when its attempt ended.
 *
 * @param place {@link Place#END}, or where its repeat waits
 * @param phase terminal, or waiting
 * @param reason that stands on the build now
 * @param pause until the repeat at the earliest; zero: at once or never. A fence may make it longer
 */
public record Ended(Place place, Phase phase, Reason reason, Duration pause) {
  /** Reads the fields of a reply. */
  public static Ended of(Reply reply) {
    return new Ended(
        Place.ofWord(reply.text("place")),
        Phase.ofWord(reply.text("phase")),
        Reason.valueOf(reply.text("reason")),
        Duration.ofMillis(reply.number("wait")));
  }

  /** Whether the build will be repeated. */
  public boolean repeated() {
    return place != Place.END;
  }
}
