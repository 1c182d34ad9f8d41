package dev.buildman.model;

import java.util.regex.Pattern;

/** The identity of one manager process; never used again by another one. */
public record ManagerId(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,80}");

  public ManagerId {
    Text.matching(value, FORM, "manager id", "1 to 80 letters, digits, '.', '_' or '-'");
  }

  @Override
  public String toString() {
    return value;
  }
}
