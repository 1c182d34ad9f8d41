package dev.buildman.testing.kubernetes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** Makes what a pod's container runs. */
@FunctionalInterface
public interface PodProgram {

  /**
   * Starts a container.
   *
   * @param own folder of the pod's own
   * @param output file for all that it prints
   */
  Running start(Map<String, String> environment, Path own, Path output) throws IOException;

  /** A container that was started. */
  interface Running {

    /** Its exit status, once it has ended. */
    CompletableFuture<Integer> onExit();

    /** Ends it politely, and by force after the grace; returns when it has ended. */
    void end(Duration grace) throws InterruptedException;

    /** Ends it as the kernel does. */
    void kill();
  }

  /** Containers that are processes of this machine. */
  static PodProgram ofProcesses(BiFunction<Map<String, String>, Path, ProcessBuilder> program) {
    return (environment, own, output) -> {
      ProcessBuilder builder = program.apply(environment, own);
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      return new Running() {
        @Override
        public CompletableFuture<Integer> onExit() {
          return process.onExit().thenApply(Process::exitValue);
        }

        @Override
        public void end(Duration grace) throws InterruptedException {
          process.destroy();
          if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
          }
        }

        @Override
        public void kill() {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
        }
      };
    };
  }
}
