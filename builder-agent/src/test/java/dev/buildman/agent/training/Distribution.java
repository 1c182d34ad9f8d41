package dev.buildman.agent.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the build adds to the agent's distribution when its jars are there. */
public final class Distribution {
  private Distribution() {}

  /** Arguments: the distribution's folder. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path distribution = Path.of(args[0]).toAbsolutePath().normalize();
    RuntimeImage.make(distribution);
    Unsealing.unseal(distribution);
    // Of the runtime that will read it: a cache fits no other.
    AotTraining.train(distribution);
    checkMoved(distribution);
  }

  /** Nobody runs it where it was made: it is unpacked elsewhere, and the first place is gone. */
  private static void checkMoved(Path distribution) throws IOException, InterruptedException {
    Path elsewhere = distribution.resolveSibling(distribution.getFileName() + "-moved");
    Files.move(distribution, elsewhere);
    try {
      AotTraining.check(elsewhere);
    } finally {
      Files.move(elsewhere, distribution);
    }
  }
}
