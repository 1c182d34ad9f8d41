package dev.buildman.cli;

import com.google.protobuf.Timestamp;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import dev.buildman.proto.v1.ManagerStatus;
import dev.buildman.proto.v1.ResourceUsage;
import dev.buildman.proto.v1.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What scripts read: every document with all of its fields, named as in {@code builds.proto}; what
 * is not there is null. Names and meanings never change, fields may be added.
 */
final class JsonView {

  private JsonView() {}

  static Map<String, Object> build(Build build) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", build.getId());
    json.put("foreign_id", build.getForeignId());
    json.put("repository", build.getRepository());
    json.put("registry", build.getRegistry());
    json.put("tags", build.getTagsList());
    json.put("source", build.getSource());
    json.put("phase", Words.phase(build.getPhase()));
    json.put("reason", build.getReason());
    json.put("reason_text", build.getReasonText());
    json.put("attempt", build.getAttempt());
    json.put("tries_left", build.getTriesLeft());
    json.put("interruptions", build.getInterruptions());
    json.put("priority", build.getPriority());
    json.put("queue_position", build.getQueuePosition());
    json.put("metadata", new TreeMap<>(build.getMetadataMap()));
    json.put("retry_of", build.getRetryOf());
    json.put("cancelled_by", build.getCancelledBy());
    json.put("enqueued_at", time(build.hasEnqueuedAt(), build.getEnqueuedAt()));
    json.put("started_at", time(build.hasStartedAt(), build.getStartedAt()));
    json.put("ended_at", time(build.hasEndedAt(), build.getEndedAt()));
    json.put("worker", worker(build));
    json.put("result", result(build));
    return nullable(json);
  }

  private static @Nullable Object worker(Build build) {
    if (!build.hasWorker()) {
      return null;
    }
    var worker = build.getWorker();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("executor", worker.getExecutor());
    json.put("execution_id", worker.getExecutionId());
    json.put("agent_version", worker.getAgentVersion());
    json.put("launched_at", time(worker.hasLaunchedAt(), worker.getLaunchedAt()));
    json.put("registered_at", time(worker.hasRegisteredAt(), worker.getRegisteredAt()));
    json.put("usage", worker.hasUsage() ? usage(worker.getUsage()) : null);
    return json;
  }

  private static Object usage(ResourceUsage usage) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("cpu_millis", usage.getCpuMillis());
    json.put("memory_bytes", usage.getMemoryBytes());
    json.put("disk_bytes", usage.getDiskBytes());
    return json;
  }

  private static @Nullable Object result(Build build) {
    if (!build.hasResult()) {
      return null;
    }
    var result = build.getResult();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("image_id", result.getImageId());
    json.put("digests", result.getDigestsList());
    json.put("size_bytes", result.getSizeBytes());
    json.put("resolved_base_image", result.getResolvedBaseImage());
    json.put("peak", result.hasPeak() ? usage(result.getPeak()) : null);
    return json;
  }

  static Map<String, Object> event(Event event) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("time", time(event.hasTime(), event.getTime()));
    json.put("reason", event.getReason());
    json.put("attempt", event.getAttempt());
    json.put("executor", event.getExecutor());
    json.put("text", event.getText());
    return nullable(json);
  }

  static Map<String, Object> log(long index, LogEntry entry) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("index", index);
    json.put("message", entry.getMessage());
    json.put("kind", entry.getType());
    json.put("data", entry.getData().isEmpty() ? null : Json.parsed(entry.getData()));
    return nullable(json);
  }

  static Map<String, Object> status(Status status) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("server_version", status.getServerVersion());
    json.put("installation", status.getInstallation());
    json.put("allowed_workers", status.getAllowedWorkers());
    json.put("slots_held", status.getSlotsHeld());
    json.put("queued", status.getQueued());
    json.put("runnable", status.getRunnable());
    json.put("delayed", status.getDelayed());
    json.put("parked", status.getParked());
    json.put("running", status.getRunning());
    json.put(
        "oldest_enqueued_at", time(status.hasOldestEnqueuedAt(), status.getOldestEnqueuedAt()));
    json.put("grace_until", time(status.hasGraceUntil(), status.getGraceUntil()));
    json.put("standstill_reason", status.getStandstillReason());
    json.put("standstill_text", status.getStandstillText());
    json.put("namespaces", namespaces(status));
    json.put("executors", executors(status));
    json.put("managers", managers(status));
    json.put("duties", duties(status));
    json.put("warnings", status.getWarningsList());
    return nullable(json);
  }

  private static List<Object> namespaces(Status status) {
    List<Object> all = new ArrayList<>();
    for (var namespace : status.getNamespacesList()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("namespace", namespace.getNamespace());
      json.put("reason", namespace.getReason());
      json.put("text", namespace.getText());
      all.add(json);
    }
    return all;
  }

  private static List<Object> executors(Status status) {
    List<Object> all = new ArrayList<>();
    status.getExecutorsList().forEach(executor -> all.add(JsonOperations.executor(executor)));
    return all;
  }

  private static List<Object> managers(Status status) {
    List<Object> all = new ArrayList<>();
    for (var manager : status.getManagersList()) {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("id", manager.getId());
      json.put("host_id", manager.getHostId());
      json.put("version", manager.getVersion());
      json.put("started_at", time(manager.hasStartedAt(), manager.getStartedAt()));
      json.put("executors", conditions(manager));
      all.add(json);
    }
    return all;
  }

  private static List<Object> conditions(ManagerStatus manager) {
    List<Object> all = new ArrayList<>();
    for (var executor : manager.getExecutorsList()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("executor", executor.getExecutor());
      json.put("circuit", executor.getCircuit());
      json.put("text", executor.getText());
      all.add(json);
    }
    return all;
  }

  private static List<Object> duties(Status status) {
    List<Object> all = new ArrayList<>();
    status.getDutiesList().forEach(duty -> all.add(JsonOperations.duty(duty)));
    return all;
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
