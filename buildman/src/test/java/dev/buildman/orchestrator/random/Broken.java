package dev.buildman.orchestrator.random;

/** A rule of the orchestrator does not hold. */
final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Broken(String what) {
    super(what);
  }

  static void unless(boolean holds, String what, Object... arguments) {
    if (!holds) {
      throw new Broken(String.format(what, arguments));
    }
  }
}
