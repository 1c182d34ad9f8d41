package dev.buildman.agent.engine.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A value of {@code --chmod}: octal, or symbolic as chmod(1) has it without a mask, so that {@code
 * +x} is for everybody. {@code X} looks at the bits before the change.
 */
public final class FileMode {

  private static final Pattern OCTAL = Pattern.compile("[0-7]{1,5}");
  private static final Pattern CLAUSE = Pattern.compile("[ugoa]*(?:[-+=][rwxXstugo]*)+");
  private static final int ALL = 07777;
  private static final int EXECUTE = 0111;

  private final int octal;
  private final List<String> clauses;

  private FileMode(int octal, List<String> clauses) {
    this.octal = octal;
    this.clauses = List.copyOf(clauses);
  }

  /**
   * Reads a mode.
   *
   * @throws TreeException when the text is neither an octal number up to 7777 nor symbolic
   */
  public static FileMode parse(String text) throws TreeException {
    if (OCTAL.matcher(text).matches() && Integer.parseInt(text, 8) <= ALL) {
      return new FileMode(Integer.parseInt(text, 8), List.of());
    }
    List<String> clauses = List.of(text.split(",", -1));
    if (!clauses.stream().allMatch(clause -> CLAUSE.matcher(clause).matches())) {
      throw new TreeException(
          "--chmod=" + text + " is no mode; write it as 755, 0644 or u=rwX,go=rX");
    }
    return new FileMode(0, clauses);
  }

  /** Whether the text is in the symbolic form. */
  public static boolean isSymbolic(String text) {
    return !OCTAL.matcher(text).matches();
  }

  /** The bits of an entry that had these. */
  public int apply(int before, boolean directory) {
    if (clauses.isEmpty()) {
      return octal;
    }
    boolean searchable = directory || (before & EXECUTE) != 0;
    int mode = before;
    for (String clause : clauses) {
      mode = apply(clause, mode, searchable);
    }
    return mode;
  }

  private static int apply(String clause, int before, boolean searchable) {
    int at = 0;
    while ("ugoa".indexOf(clause.charAt(at)) >= 0) {
      at++;
    }
    int who = who(clause.substring(0, at));
    int mode = before;
    for (String action : actions(clause.substring(at))) {
      int bits = bits(action.substring(1), mode, searchable) & who;
      mode =
          switch (action.charAt(0)) {
            case '+' -> mode | bits;
            case '-' -> mode & ~bits;
            default -> (mode & ~who) | bits;
          };
    }
    return mode;
  }

  /** The bits that the letters reach, the special ones among them. */
  private static int who(String letters) {
    int who = 0;
    for (char letter : (letters.isEmpty() ? "a" : letters).toCharArray()) {
      who |=
          switch (letter) {
            case 'u' -> 04700;
            case 'g' -> 02070;
            case 'o' -> 01007;
            default -> ALL;
          };
    }
    return who;
  }

  private static List<String> actions(String text) {
    List<String> actions = new ArrayList<>();
    int start = 0;
    for (int i = 1; i <= text.length(); i++) {
      if (i == text.length() || "+-=".indexOf(text.charAt(i)) >= 0) {
        actions.add(text.substring(start, i));
        start = i;
      }
    }
    return actions;
  }

  private static int bits(String permissions, int mode, boolean searchable) {
    int bits = 0;
    for (char permission : permissions.toCharArray()) {
      bits |=
          switch (permission) {
            case 'r' -> 0444;
            case 'w' -> 0222;
            case 'x' -> EXECUTE;
            case 'X' -> searchable ? EXECUTE : 0;
            case 's' -> 06000;
            case 't' -> 01000;
            case 'u' -> (mode >> 6 & 7) * EXECUTE;
            case 'g' -> (mode >> 3 & 7) * EXECUTE;
            default -> (mode & 7) * EXECUTE;
          };
    }
    return bits;
  }
}
