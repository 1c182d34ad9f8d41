package dev.buildman.model;

import java.util.regex.Pattern;

/** The place whose processes a manager can see; host-scoped workers belong to it. */
public record HostId(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{1,80}");

  public HostId {
    Text.matching(value, FORM, "HOST_ID", "1 to 80 letters, digits, '.', '_' or '-'");
  }

  @Override
  public String toString() {
    return value;
  }
}
