package dev.buildman.model;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where a build stands. The words are Quay's, on every surface. */
public enum Phase {
  /** In the queue: behind others, ready, parked or delayed. */
  WAITING("waiting"),
  /** Claimed by a manager; no agent has registered yet. */
  BUILD_SCHEDULED("build-scheduled"),
  /** An agent fetches and unpacks the source. */
  UNPACKING("unpacking"),
  /** An agent pulls the base image. */
  PULLING("pulling"),
  /** An agent builds. */
  BUILDING("building"),
  /** An agent pushes; tags may exist already. */
  PUSHING("pushing"),
  /** The image is in the registry. */
  COMPLETE("complete"),
  /** What was asked for cannot be built. */
  ERROR("error"),
  /** The machinery failed, and all tries are spent. */
  INTERNAL_ERROR("internalerror"),
  /** Somebody ended it. */
  CANCELLED("cancelled");

  private static final Map<String, Phase> BY_WORD =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Phase::word, Function.identity()));

  private final String word;

  Phase(String word) {
    this.word = word;
  }

  /** The word on every surface, lower case. */
  public String word() {
    return word;
  }

  /** Throws IllegalArgumentException for a word that is no phase. */
  public static Phase ofWord(String word) {
    Phase phase = BY_WORD.get(word);
    if (phase == null) {
      throw new IllegalArgumentException("'" + word + "' is no phase: " + BY_WORD.keySet());
    }
    return phase;
  }

  /** Entered once, never left. */
  public boolean isTerminal() {
    return compareTo(COMPLETE) >= 0;
  }

  /** Whether an attempt in this phase may go on to the other one. */
  public boolean precedes(Phase other) {
    return !isTerminal() && compareTo(other) < 0;
  }

  @Override
  public String toString() {
    return word;
  }
}
