package dev.buildman.testing.ec2;

import dev.buildman.testing.kubernetes.PodProgram;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** An instance that runs nothing, until it is ended. */
final class NoMachine implements PodProgram.Running {
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();

  @Override
  public CompletableFuture<Integer> onExit() {
    return exit;
  }

  @Override
  public void end(Duration grace) {
    exit.complete(0);
  }

  @Override
  public void kill() {
    exit.complete(0);
  }
}
