package dev.buildman.model;

import java.util.regex.Pattern;

/** The first part of a repository's name: a tenant. */
public record Namespace(String value) implements Comparable<Namespace> {
  // Quay's namespaces, which also allow upper case in old installations' organisations.
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,253}[A-Za-z0-9])?");

  public Namespace {
    Text.matching(
        value,
        FORM,
        "namespace",
        "letters, digits, '.', '_' and '-', at most 255, the first and last a letter or digit");
  }

  @Override
  public int compareTo(Namespace other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
