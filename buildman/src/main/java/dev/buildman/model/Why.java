package dev.buildman.model;

/**
 * Why something stands as it does.
 *
 * @param reason a stable code; text, as another version may have written it
 * @param sentence for people
 */
public record Why(String reason, String sentence) {

  /** A reason in its own words. */
  public static Why of(Reason reason) {
    return of(reason, reason.sentence());
  }

  /** A reason in words that say more. */
  public static Why of(Reason reason, String sentence) {
    return new Why(reason.code(), sentence);
  }

  public boolean is(Reason other) {
    return reason.equals(other.code());
  }
}
