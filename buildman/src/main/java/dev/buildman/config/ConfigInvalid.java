package dev.buildman.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used; the message lists every problem, one to a line. */
public final class ConfigInvalid extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /** At least one problem is given. */
  public ConfigInvalid(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** The problems, in the file's order. */
  public List<Problem> problems() {
    return problems;
  }
}
