package dev.buildman.agent.dockerfile;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A shell's pattern inside a substitution: {@code *} any text, {@code ?} one character, backslash
 * takes the next as it is.
 */
final class ShellPattern {

  private final String greedy;
  private final String reluctant;

  ShellPattern(String pattern) {
    this.greedy = regex(pattern, ".*");
    this.reluctant = regex(pattern, ".*?");
  }

  private static String regex(String pattern, String any) {
    StringBuilder out = new StringBuilder("(?s)");
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '*') {
        out.append(any);
      } else if (c == '?') {
        out.append('.');
      } else {
        if (c == '\\' && i + 1 < pattern.length()) {
          c = pattern.charAt(++i);
        }
        out.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return out.toString();
  }

  String withoutPrefix(String value, boolean longest) {
    Matcher matcher = Pattern.compile(longest ? greedy : reluctant).matcher(value);
    return matcher.lookingAt() ? value.substring(matcher.end()) : value;
  }

  String withoutSuffix(String value, boolean longest) {
    Matcher matcher = Pattern.compile(greedy).matcher(value);
    // The shortest suffix begins last, the longest first.
    for (int i = 0; i <= value.length(); i++) {
      int start = longest ? i : value.length() - i;
      if (matcher.region(start, value.length()).matches()) {
        return value.substring(0, start);
      }
    }
    return value;
  }

  String replace(String value, String replacement, boolean all) {
    Matcher matcher = Pattern.compile(greedy).matcher(value);
    String literal = Matcher.quoteReplacement(replacement);
    return all ? matcher.replaceAll(literal) : matcher.replaceFirst(literal);
  }
}
