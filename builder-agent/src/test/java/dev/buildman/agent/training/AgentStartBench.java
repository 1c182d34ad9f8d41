package dev.buildman.agent.training;

import dev.buildman.agent.link.TestManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the start of the distribution's agent to its registration, and its memory then. Prints
 * figures and asserts none, as a busy machine is no fault. Named so that no build runs it; needs
 * the distribution.
 */
class AgentStartBench {
  private static final int RUNS = 11;

  @TempDir private Path folder;

  @Test
  void print() throws Exception {
    long[] millis = new long[RUNS];
    long[] kib = new long[RUNS];
    for (int i = 0; i < RUNS; i++) {
      try (MemoryRegistry registry = new MemoryRegistry();
          TestManager manager = new TestManager(AotTraining.pack(registry.address()))) {
        long began = System.nanoTime();
        Process agent = start(manager);
        while (manager.registrations().isEmpty() && agent.isAlive()) {
          Thread.onSpinWait();
        }
        millis[i] = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        kib[i] = resident(agent);
        agent.waitFor();
      }
    }
    Arrays.sort(millis);
    Arrays.sort(kib);
    System.out.printf(
        Locale.ROOT,
        "BENCH agent start to registration: median %d ms, %d to %d; resident then: median %d MiB%n",
        millis[RUNS / 2],
        millis[0],
        millis[RUNS - 1],
        kib[RUNS / 2] / 1024);
  }

  private Process start(TestManager manager) throws IOException {
    ProcessBuilder agent =
        new ProcessBuilder("../target/dist/builder-agent/bin/builder-agent")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    var environment = agent.environment();
    environment.put("SERVER", "127.0.0.1:" + manager.address().port());
    environment.put("INSECURE", "true");
    environment.put("TOKEN", "registration");
    environment.put("CONTAINER_RUNTIME", "embedded");
    environment.put("TMPDIR", folder.toString());
    return agent.start();
  }

  private static long resident(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
