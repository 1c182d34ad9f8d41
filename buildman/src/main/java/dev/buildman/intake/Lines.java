package dev.buildman.intake;

/** Short texts of people that stand in histories and on terminals. */
final class Lines {
  private static final int LONGEST = 1000;

  private Lines() {}

  /** One line, of at most 1000 characters: controls would break what shows it. */
  static void require(Violations violations, String text, String field) {
    violations.require(
        text.length() <= LONGEST && text.chars().allMatch(c -> c >= ' ' && c != 0x7f),
        field,
        "at most 1000 characters, one line");
  }
}
