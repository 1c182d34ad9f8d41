package dev.buildman.agent.dockerfile;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds what a mistyped word was probably meant to be. */
final class Nearest {

  private Nearest() {}

  /** The candidate at most two edits away (one for short words), or null. */
  static @Nullable String of(String word, Collection<String> candidates) {
    int best = word.length() <= 3 ? 2 : 3;
    String found = null;
    for (String candidate : candidates.stream().sorted().toList()) {
      int distance = distance(word, candidate);
      if (distance < best) {
        best = distance;
        found = candidate;
      }
    }
    return found;
  }

  /** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + replace);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
