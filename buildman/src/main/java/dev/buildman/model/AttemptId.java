package dev.buildman.model;

/**
 * One intent to launch a worker for a build. Also the member of slots and duties.
 *
 * @param number from 1; 0 where no attempt has begun
 */
public record AttemptId(BuildId build, int number) {
  public AttemptId {
    if (number < 0) {
      throw new IllegalArgumentException("attempt number " + number + " is negative");
    }
  }

  /** Reads the form that {@link #toString} writes: {@code <build>/<number>}. */
  public static AttemptId parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("attempt '" + text + "' has no '/'");
    }
    return new AttemptId(
        new BuildId(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  @Override
  public String toString() {
    return build + "/" + number;
  }
}
