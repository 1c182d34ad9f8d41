package dev.buildman.intake;

import java.util.List;

/**
 * What a client is told.
 *
 * @param <T> what it asked for
 */
public sealed interface Answer<T> {

  /** It is done. */
  record Done<T>(T value) implements Answer<T> {}

  /** The request is wrong: every field at fault, at least one. */
  record Invalid<T>(List<Violation> violations) implements Answer<T> {
    /** One field is at fault. */
    static <T> Invalid<T> field(String field, String text) {
      return new Invalid<>(List.of(new Violation(field, text)));
    }
  }

  /**
   * The request is right, but cannot be done now.
   *
   * @param text what is in the way and what to do, for people
   * @param detail the number or id that goes with the denial; empty: none
   */
  record Denied<T>(Denial denial, String text, String detail) implements Answer<T> {}

  /** Why something is denied; the names are stable. */
  enum Denial {
    /** There is no such build. */
    BUILD_UNKNOWN,
    /** The key or id belongs to a build that asks for something else; the detail is its id. */
    OTHER_BODY,
    /** As many builds wait as may; the detail is the limit. */
    QUEUE_FULL,
    /** Only an ended build can be repeated. */
    NOT_ENDED,
    /** It ended before it could be cancelled; the detail is its phase. */
    ENDED,
    /** The build's secrets cannot be opened any more; the detail is the field. */
    SECRET_GONE,
    /** The build's uploaded source is gone; the detail is its digest. */
    SOURCE_GONE,
    /** There is no such executor; the detail is its name. */
    EXECUTOR_UNKNOWN
  }

  /** There is no such build. */
  static <T> Answer<T> unknown(String id) {
    return new Denied<>(Denial.BUILD_UNKNOWN, "there is no build " + id, id);
  }
}
