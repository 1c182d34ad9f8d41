package dev.buildman.model;

import java.util.regex.Pattern;

/** The unique name of an executor in the chain. */
public record ExecutorName(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  public ExecutorName {
    Text.matching(
        value,
        FORM,
        "executor name",
        "1 to 63 letters, digits, '.', '_' or '-', the first a letter or digit");
  }

  @Override
  public String toString() {
    return value;
  }
}
