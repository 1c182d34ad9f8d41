package dev.buildman.cli;

import com.google.protobuf.Timestamp;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.Phase;
import dev.buildman.proto.v1.WorkerStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What scripts read of executors and workers, by the same rules as {@link JsonView}. */
final class JsonOperations {

  private JsonOperations() {}

  static Map<String, Object> worker(WorkerStatus worker) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("build_id", worker.getBuildId());
    json.put("attempt", worker.getAttempt());
    json.put("executor", worker.getExecutor());
    json.put("execution_name", worker.getExecutionName());
    json.put("execution_id", worker.getExecutionId());
    json.put("state", worker.getState());
    boolean hasPhase = worker.getPhase() != Phase.PHASE_UNSPECIFIED;
    json.put("phase", hasPhase ? Words.phase(worker.getPhase()) : null);
    json.put("since", time(worker.hasSince(), worker.getSince()));
    json.put("last_beat_at", time(worker.hasLastBeatAt(), worker.getLastBeatAt()));
    json.put("agent_version", worker.getAgentVersion());
    json.put("text", worker.getText());
    return nullable(json);
  }

  static Map<String, Object> duty(DutyStatus duty) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("build_id", duty.getBuildId());
    json.put("attempt", duty.getAttempt());
    json.put("executor", duty.getExecutor());
    json.put("execution_name", duty.getExecutionName());
    json.put("execution_id", duty.getExecutionId());
    json.put("host_id", duty.getHostId());
    json.put("created_at", time(duty.hasCreatedAt(), duty.getCreatedAt()));
    json.put("tries", duty.getTries());
    json.put("reason", duty.getReason());
    json.put("text", duty.getText());
    return nullable(json);
  }

  static Map<String, Object> executor(ExecutorStatus executor) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("name", executor.getName());
    json.put("kind", executor.getKind());
    json.put("live", executor.getLive());
    json.put("maximum_workers", executor.getMaximumWorkers());
    json.put("circuit", executor.getCircuit());
    json.put("disabled", executor.getDisabled());
    json.put("disabled_text", executor.getDisabledText());
    json.put("disabled_at", time(executor.hasDisabledAt(), executor.getDisabledAt()));
    return nullable(json);
  }

  private static @Nullable String time(boolean present, Timestamp time) {
    return present ? Words.instant(time).toString() : null;
  }

  // The writer takes null values; most of the code need not think of them.
  @SuppressWarnings("unchecked")
  private static Map<String, Object> nullable(Map<String, ? extends @Nullable Object> json) {
    return (Map<String, Object>) json;
  }
}
