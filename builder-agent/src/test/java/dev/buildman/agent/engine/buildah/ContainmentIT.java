package dev.buildman.agent.engine.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class ContainmentIT {
  /** What only kill -9 can do: nobody is left who would look for what else there is. */
  @Test
  void whatIsInsideEndsWithTheOutermostProcessEvenInASessionOfItsOwn() throws Exception {
    Processes processes =
        new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of());
    List<String> command = new ArrayList<>(Containment.prefix(processes));
    Assumptions.assumeFalse(command.isEmpty(), "no process namespaces for this user");
    command.addAll(List.of("sh", "-c", "setsid sleep 63 & echo begun; wait"));

    Process outermost = new ProcessBuilder(command).start();
    try (BufferedReader out = outermost.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("begun");
    }
    List<ProcessHandle> sleeping = new ArrayList<>();
    await()
        .until(
            () -> {
              outermost.descendants().filter(ContainmentIT::sleeps).forEach(sleeping::add);
              return !sleeping.isEmpty();
            });
    outermost.destroyForcibly();

    await().untilAsserted(() -> assertThat(sleeping).noneMatch(ContainmentIT::sleeps));
  }

  private static boolean sleeps(ProcessHandle process) {
    return process.info().commandLine().orElse("").endsWith("sleep 63");
  }
}
