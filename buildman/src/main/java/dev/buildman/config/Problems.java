package dev.buildman.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong, so that a person sees all of it at once. */
final class Problems {

  private static final Comparator<Problem> FILE_ORDER =
      Comparator.comparingInt((Problem problem) -> problem.at().line())
          .thenComparingInt(problem -> problem.at().column())
          .thenComparing(Problem::path);

  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  void error(Position at, String path, String message) {
    add(errors, new Problem(at, path, message));
  }

  void warning(Position at, String path, String message) {
    add(warnings, new Problem(at, path, message));
  }

  List<Problem> errors() {
    return errors.stream().sorted(FILE_ORDER).toList();
  }

  List<Problem> warnings() {
    return warnings.stream().sorted(FILE_ORDER).toList();
  }

  /** Two capabilities may read the same key; what is wrong with it is said once. */
  private static void add(List<Problem> list, Problem problem) {
    if (!list.contains(problem)) {
      list.add(problem);
    }
  }
}
