package dev.buildman.executor.boot;

import dev.buildman.config.ConfigReader;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** User data as a manager with a test's configuration makes them. */
final class MadeMachines {
  static final String TOKEN = "the-registration-token";
  private static final AttemptId ATTEMPT =
      new AttemptId(new BuildId("01234567-89ab-cdef-0123-456789abcdef"), 2);
  private static final Installation INSTALLATION = new Installation("0123456789ab", "state-1");

  private MadeMachines() {}

  /**
   * The user data of one worker.
   *
   * @param folder with the certificates that the lines may name
   * @param lines of an executor's map
   */
  static UserData userData(Path folder, String lines, int limit) throws IOException {
    for (String certificate : List.of("ca.pem", "extra.pem")) {
      if (!Files.exists(folder.resolve(certificate))) {
        Files.writeString(folder.resolve(certificate), "the text of " + certificate + "\n");
      }
    }
    record Read(ExecutorSettings common, MachineSettings machine) {}
    Read read =
        new ConfigReader(Map.of())
            .readText(
                "test",
                "E:\n" + ("EXECUTOR: kubernetes\n" + lines).indent(2),
                folder,
                top -> {
                  var map = top.section("E");
                  map.has("EXECUTOR");
                  ExecutorSettings common =
                      ExecutorSettings.parse(map, "kubernetes", AgentKind.OURS, "docker");
                  return new Read(common, MachineSettings.parse(map, common, "1.0"));
                })
            .orThrow();
    Nonce nonce = new Nonce(new ManagerId("m"), 1, "00112233445566778899aabbccddeeff");
    WorkerRequest request =
        new WorkerRequest(
            ATTEMPT,
            ExecutionName.of(INSTALLATION, ATTEMPT, nonce),
            INSTALLATION,
            Secret.of(TOKEN),
            Map.of("SERVER", "manager.example:55443", "BUILD_UUID", ATTEMPT.build().value()),
            Duration.ofSeconds(7200));
    return new Machine(read.machine()).userData(request, read.common().environment(), limit);
  }
}
