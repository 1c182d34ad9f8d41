package dev.buildman.agent.dockerfile;

/**
 * A Dockerfile that cannot be read or evaluated. The message is a whole sentence for its author.
 */
public final class DockerfileException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int line;
  private final String problem;

  /**
   * @param line the first line of the instruction at fault, from 1; 0 when the file as a whole is
   *     at fault
   * @param problem what is wrong and what to do, without the line
   */
  public DockerfileException(int line, String problem) {
    super(line > 0 ? "Dockerfile line " + line + ": " + problem : "Dockerfile: " + problem);
    this.line = line;
    this.problem = problem;
  }

  /** The line at fault, from 1; 0 when the file as a whole is at fault. */
  public int line() {
    return line;
  }

  /** What is wrong, without the line. */
  public String problem() {
    return problem;
  }
}
