package dev.buildman.schedule;

import dev.buildman.model.Reason;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.queue.ParkKind;
import dev.buildman.schedule.Skip.Cause;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a build waits that no executor takes now. Pure.
 *
 * @param namespace whether the whole namespace stands aside, as the cause holds for all its builds
 * @param kind what the wait ends by
 */
record Parking(boolean namespace, ParkKind kind, Reason reason, String sentence) {
  private static final Set<Cause> ROOM = EnumSet.of(Cause.FULL, Cause.RATE, Cause.OFF);

  /**
   * Decides by why each executor was passed over.
   *
   * @param skips at least one, in the chain's order
   * @param wholeChain whether the walk began at the first executor: else what it met on the rest
   *     says nothing about other builds
   */
  static Parking decide(List<Skip> skips, boolean wholeChain) {
    Set<Cause> causes = skips.stream().map(Skip::cause).collect(Collectors.toSet());
    // Room comes back soonest, so it decides when the build is looked at again.
    boolean room = causes.stream().anyMatch(ROOM::contains);
    return new Parking(
        wholeChain && !causes.contains(Cause.TRIES),
        room ? ParkKind.CAPACITY : ParkKind.OUTAGE,
        leading(causes).reason(),
        skips.stream().map(Skip::toString).collect(Collectors.joining("; ")));
  }

  /** For people. */
  Why why() {
    return Why.of(reason, sentence);
  }

  // The cause that will pass first: what a person waits for.
  private static Cause leading(Set<Cause> causes) {
    return List.of(Cause.FULL, Cause.RATE, Cause.CIRCUIT, Cause.OFF, Cause.TRIES, Cause.NAMESPACE)
        .stream()
        .filter(causes::contains)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nothing was skipped"));
  }
}
