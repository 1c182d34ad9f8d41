package dev.buildman.agent.logship;

import dev.buildman.agent.link.ManagerLink;
import dev.buildman.agent.link.ManagerLink.Introduction;
import dev.buildman.agent.link.Session;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.runtime.Time;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.ResourceUsage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Lines of a build's output from the engine's call to the manager's acknowledgement: made readable,
 * masked, joined, sent over gRPC. Prints figures and asserts none; no build runs it.
 */
class LogShipBench {
  private static final int LINES = 500_000;

  @Test
  void print() throws Exception {
    BuildPack pack = BuildPack.newBuilder().setJobJwt("job").setBuildId("b").build();
    Secrets secrets =
        Secrets.of(
            List.of("correct-horse-battery", "a-token-of-some-length-0123456789", "hunter2"));
    try (TestManager manager = new TestManager(pack);
        ManagerLink link =
            ManagerLink.open(manager.address(), "1", Duration.ofSeconds(5), Time.system());
        Session session =
            link.register(
                new Introduction("token", "1", "host", Set.of()),
                ResourceUsage::getDefaultInstance)) {
      for (int round = 1; round <= 3; round++) {
        long began = System.nanoTime();
        LogShipper shipper =
            LogShipper.start(
                session.logLines()::send,
                session.logLines().batchLimit(),
                secrets,
                Time.system().ticker());
        for (int i = 0; i < LINES; i++) {
          shipper.output("[ 42%] Building CXX object src/CMakeFiles/app.dir/part" + i + ".cpp.o\n");
        }
        shipper.flush();
        System.out.printf(
            Locale.ROOT,
            "BENCH log lines from an engine to the manager, round %d: %,d a second%n",
            round,
            Math.round(LINES * 1e9 / (System.nanoTime() - began)));
      }
    }
  }
}
