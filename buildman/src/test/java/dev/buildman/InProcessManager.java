package dev.buildman;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A whole manager in the test's own JVM, where the test sets the clocks. */
public final class InProcessManager {
  private InProcessManager() {}

  /**
   * Starts it by a configuration file.
   *
   * @param agent the program that popen starts where the file names none
   */
  public static Buildman start(Path file, Path agent, Clocks clocks)
      throws IOException, InterruptedException {
    Serve serve = new Serve(Map.of(), new Places(agent, file.resolveSibling("data")));
    return Buildman.start(serve.read(file).orThrow(), clocks);
  }
}
