package dev.buildman.agent.training;

import java.io.IOException;
import java.nio.file.Path;

/** What the build adds to the agent's distribution when its jars are there. */
public final class Distribution {
  private Distribution() {}

  /** Arguments: the distribution's folder. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path distribution = Path.of(args[0]).toAbsolutePath().normalize();
    RuntimeImage.make(distribution);
    // Of the runtime that will read it: a cache fits no other.
    AotTraining.train(distribution);
  }
}
