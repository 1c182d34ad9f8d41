package dev.buildman.tags;

/** What a registry said. */
public sealed interface TagLookup {
  /** It has this one, and none of those before it. */
  record Found(String tag) implements TagLookup {}

  /** It has none of them. */
  record None() implements TagLookup {}

  /**
   * It was not asked, or did not say.
   *
   * @param why for a log
   */
  record Unknown(String why) implements TagLookup {}
}
