package dev.buildman.agent.training;

import dev.buildman.agent.link.TestManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From the start of the distribution's agent to its registration, and what it took until then,
 * beside a JVM that does nothing in the same minute. Prints figures and asserts none, as a busy
 * machine is no fault. Named so that no build runs it; needs the distribution.
 */
class AgentStartBench {
  private static final int RUNS = 11;

  /** Of Linux, everywhere: a tick of the processor's time in /proc. */
  private static final int TICK_MILLIS = 10;

  private record Start(long millis, long processorMillis, long kib, long idleMillis) {}

  @TempDir private Path folder;

  @Test
  void print() throws Exception {
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < RUNS; i++) {
      starts.add(start());
    }
    System.out.printf(
        Locale.ROOT,
        "BENCH agent start to registration: median %d ms (best %d), processor %d ms;"
            + " resident then %d MiB; java -version in the same run: %d ms%n",
        median(starts, Start::millis),
        starts.stream().mapToLong(Start::millis).min().orElse(0),
        median(starts, Start::processorMillis),
        median(starts, Start::kib) / 1024,
        median(starts, Start::idleMillis));
  }

  private static long median(List<Start> starts, ToLongFunction<Start> figure) {
    return starts.stream().mapToLong(figure).sorted().skip(RUNS / 2).findFirst().orElse(0);
  }

  private Start start() throws Exception {
    long idle = System.nanoTime();
    new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-version")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("version").toFile())
        .start()
        .waitFor();
    long idleMillis = millisSince(idle);
    try (MemoryRegistry registry = new MemoryRegistry();
        TestManager manager = new TestManager(AotTraining.pack(registry.address()))) {
      long began = System.nanoTime();
      Process agent = start(manager);
      while (manager.registrations().isEmpty() && agent.isAlive()) {
        Thread.onSpinWait();
      }
      Start start =
          new Start(millisSince(began), processorMillis(agent), resident(agent), idleMillis);
      agent.waitFor();
      return start;
    }
  }

  private static long millisSince(long began) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  private static long processorMillis(Process process) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MILLIS;
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
