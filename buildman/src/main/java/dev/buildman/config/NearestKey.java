package dev.buildman.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the key that a mistyped one was probably meant to be. */
final class NearestKey {

  private NearestKey() {}

  /** The known key with the least edits, when they are at most {@code limit}. */
  static Optional<String> of(String key, Collection<String> known, int limit) {
    return known.stream()
        .filter(candidate -> distance(key, candidate) <= limit)
        .min(
            Comparator.<String>comparingInt(candidate -> distance(key, candidate))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Insertions, deletions, substitutions and swaps of neighbours; case does not count. */
  static int distance(String left, String right) {
    int[][] cost = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      cost[i][0] = i;
    }
    for (int j = 0; j <= right.length(); j++) {
      cost[0][j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      for (int j = 1; j <= right.length(); j++) {
        int change = same(left, i, right, j) ? 0 : 1;
        int best =
            Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + change);
        if (i > 1 && j > 1 && same(left, i, right, j - 1) && same(left, i - 1, right, j)) {
          best = Math.min(best, cost[i - 2][j - 2] + 1);
        }
        cost[i][j] = best;
      }
    }
    return cost[left.length()][right.length()];
  }

  private static boolean same(String left, int i, String right, int j) {
    return Character.toUpperCase(left.charAt(i - 1)) == Character.toUpperCase(right.charAt(j - 1));
  }
}
