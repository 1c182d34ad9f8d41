package dev.buildman.intake;

import java.util.ArrayList;
import java.util.List;

/** Paths inside a source: relative, and never out of it. */
final class RelativePath {

  private static final int LONGEST = 1024;

  private RelativePath() {}

  /** The path without its empty and {@code .} parts; empty when it is not given or refused. */
  static String check(String field, String path, Violations violations) {
    if (path.startsWith("/")) {
      violations.add(field, "a path is relative to the source's root: leave out the leading '/'");
      return "";
    }
    if (path.length() > LONGEST || path.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      violations.add(field, "a path is at most 1024 characters, without control characters");
      return "";
    }
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      // A backslash parts folders for some archive tools, and must not hide a "..".
      if (part.equals("..") || part.contains("..\\") || part.contains("\\..")) {
        violations.add(field, "a path cannot leave the source: it holds '..'");
        return "";
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }
}
