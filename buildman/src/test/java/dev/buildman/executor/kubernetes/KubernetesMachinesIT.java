package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;
import dev.buildman.model.WorkerExit;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that boot a machine, whose agent runs with what its user data says. */
class KubernetesMachinesIT extends ExecutorContract {
  @TempDir private Path folder;
  private TestCluster cluster;

  @Override
  protected Executor open(Installation installation) {
    return new KubernetesExecutor(
        cluster.machines(""),
        installation,
        Ticker.system(),
        InstantSource.system(),
        Duration.ofSeconds(1));
  }

  @Override
  protected void begin() throws IOException {
    cluster = new TestCluster(folder);
  }

  @Override
  protected void end() {
    cluster.close();
  }

  @Test
  void theTokenIsInASecretThatThePodReadsAndNowhereElse() {
    // K23
    WorkerRequest request = request("sleep 60");
    started(request);

    JsonNode job = cluster.store.get("jobs", request.name().value()).orElseThrow();
    JsonNode variable = job.at("/spec/template/spec/containers/0/env/0");
    assertThat(variable.at("/valueFrom/secretKeyRef/name").asText())
        .isEqualTo(request.name().value());
    assertThat(job.toString()).doesNotContain("canary").doesNotContain("eyJ");
  }

  @Test
  void theEmulatorsOwnEndSaysNothingOfTheAgents() {
    // A machine whose emulator fails before its agent runs: its exit status 1 is no failed build.
    WorkerRequest request = request("kill -9 $PPID; sleep 5");
    started(request);

    assertThat(toldExit(request.name()).how()).isEqualTo(WorkerExit.unknown());
  }
}
