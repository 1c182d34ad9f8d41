package dev.buildman.model;

import java.util.regex.Pattern;

/** Checks shared by the identifiers of this package. */
final class Text {
  private Text() {}

  static String matching(String value, Pattern pattern, String what, String allowed) {
    if (!pattern.matcher(value).matches()) {
      throw new IllegalArgumentException(
          what + " '" + shortened(value) + "' is not valid: " + allowed);
    }
    return value;
  }

  private static String shortened(String value) {
    return value.length() <= 80 ? value : value.substring(0, 77) + "...";
  }
}
