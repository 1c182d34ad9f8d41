package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Turns the Jobs of a store into pods and these into processes of this machine, as the Job
 * controller, the scheduler, a kubelet and the garbage collector would together.
 */
public final class FakeKubelet implements AutoCloseable {
  private final ObjectStore store;
  private final Path folder;
  private final Duration grace;
  private final BiFunction<Map<String, String>, Path, ProcessBuilder> program;
  private final Map<String, Process> processes = new ConcurrentHashMap<>();
  private final Set<String> starved = ConcurrentHashMap.newKeySet();
  private final Runnable unwatch;
  private volatile String refusal = "";

  /**
   * @param folder for what the pods write
   * @param grace from SIGTERM to SIGKILL, whatever the pod wants
   * @param program makes a container's process of its environment and its folder
   */
  public FakeKubelet(
      ObjectStore store,
      Path folder,
      Duration grace,
      BiFunction<Map<String, String>, Path, ProcessBuilder> program) {
    this.store = store;
    this.folder = folder;
    this.grace = grace;
    this.program = program;
    this.unwatch = store.watch(0, this::see);
  }

  private void see(ObjectStore.Change change) {
    ObjectNode object = change.object();
    String name = object.at("/metadata/name").asText();
    if (change.kind().equals("jobs") && change.type().equals("ADDED")) {
      Thread.ofVirtual().start(() -> schedule(object));
    }
    if (change.kind().equals("jobs") && change.type().equals("DELETED")) {
      Thread.ofVirtual().start(() -> collect(object));
    }
    if (change.kind().equals("secrets") && change.type().equals("ADDED")) {
      store
          .list("pods", Map.of("batch.kubernetes.io/job-name", name))
          .forEach(pod -> Thread.ofVirtual().start(() -> run(pod)));
    }
  }

  private static String podOf(String job) {
    return job + "-pod01";
  }

  /** Makes no pods from now on, and says so as the Job controller does; empty: makes them again. */
  public void refuse(String message) {
    refusal = message;
  }

  /** Ends a pod's container as the kernel does when its memory is used up. */
  public void killForMemory(String job) {
    starved.add(podOf(job));
    processes.get(podOf(job)).destroyForcibly();
  }

  private void refused(ObjectNode job) {
    ObjectNode event = ObjectStore.object();
    ObjectNode meta = event.putObject("metadata");
    meta.put("name", job.at("/metadata/name").asText() + ".refused");
    meta.set("namespace", job.at("/metadata/namespace"));
    ObjectNode about = event.putObject("involvedObject");
    about.put("kind", "Job");
    about.set("name", job.at("/metadata/name"));
    event.put("reason", "FailedCreate");
    event.put("type", "Warning");
    event.put("message", "Error creating: " + refusal);
    event.put("lastTimestamp", ObjectStore.now());
    store.create("events", event);
  }

  private void schedule(ObjectNode job) {
    if (!refusal.isEmpty()) {
      refused(job);
      return;
    }
    ObjectNode pod = ObjectStore.object();
    JsonNode template = job.at("/spec/template");
    ObjectNode meta = pod.putObject("metadata");
    String name = job.at("/metadata/name").asText();
    meta.put("name", podOf(name));
    meta.put("namespace", job.at("/metadata/namespace").asText());
    ObjectNode labels = template.at("/metadata/labels").deepCopy();
    labels.put("batch.kubernetes.io/job-name", name);
    meta.set("labels", labels);
    pod.set("spec", template.get("spec"));
    pod.putObject("status").put("phase", "Pending");
    store.create("pods", pod);
    boolean waits = !secretName(pod).isEmpty() && store.get("secrets", secretName(pod)).isEmpty();
    if (!waits) {
      run(pod);
    }
  }

  private static String secretName(JsonNode pod) {
    for (JsonNode volume : pod.at("/spec/volumes")) {
      if (volume.has("secret")) {
        return volume.at("/secret/secretName").asText();
      }
    }
    return "";
  }

  private void run(ObjectNode pod) {
    String name = pod.at("/metadata/name").asText();
    try {
      synchronized (processes) {
        if (processes.containsKey(name) || store.get("pods", name).isEmpty()) {
          return;
        }
        Path own = Files.createDirectories(folder.resolve(name));
        ProcessBuilder builder = program.apply(environment(pod, own), own);
        Path output = own.resolve("output");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        processes.put(name, builder.start());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    store.change("pods", name, p -> state(p, "Running", "running", Optional.empty()));
    Process process = processes.get(name);
    Thread.ofVirtual().start(() -> ended(pod, process.onExit().join().exitValue()));
  }

  private Map<String, String> environment(ObjectNode pod, Path own) throws IOException {
    Map<String, String> environment = new ConcurrentHashMap<>();
    for (JsonNode variable : pod.at("/spec/containers/0/env")) {
      environment.put(variable.get("name").asText(), variable.path("value").asText());
    }
    String secret = secretName(pod);
    if (!secret.isEmpty()) {
      Path mounted = Files.createDirectories(own.resolve("secret"));
      Iterator<Map.Entry<String, JsonNode>> data =
          store.get("secrets", secret).orElseThrow().path("data").properties().iterator();
      while (data.hasNext()) {
        Map.Entry<String, JsonNode> entry = data.next();
        Files.write(
            mounted.resolve(entry.getKey()), Base64.getDecoder().decode(entry.getValue().asText()));
      }
      environment.replaceAll(
          (_, value) -> value.replace("/run/secrets/buildman", mounted.toString()));
    }
    environment.replaceAll((_, value) -> value.equals("/workspace") ? own.toString() : value);
    return environment;
  }

  private void ended(ObjectNode pod, int status) {
    String name = pod.at("/metadata/name").asText();
    String job = pod.at("/metadata/labels").path("batch.kubernetes.io/job-name").asText();
    String phase = status == 0 ? "Succeeded" : "Failed";
    ObjectNode terminated = ObjectStore.object();
    terminated.put("exitCode", status);
    String why = starved.contains(name) ? "OOMKilled" : "Error";
    terminated.put("reason", status == 0 ? "Completed" : why);
    store.change("pods", name, p -> state(p, "Running", "terminated", Optional.of(terminated)));
    store.change("pods", name, p -> state(p, phase, "terminated", Optional.of(terminated)));
    store.change(
        "jobs",
        job,
        j -> {
          ObjectNode condition = j.putObject("status").putArray("conditions").addObject();
          condition.put("type", status == 0 ? "Complete" : "Failed");
          condition.put("status", "True");
          condition.put("reason", status == 0 ? "CompletionsReached" : "BackoffLimitExceeded");
        });
  }

  private static void state(
      ObjectNode pod, String phase, String state, Optional<ObjectNode> terminated) {
    ObjectNode status = pod.putObject("status");
    status.put("phase", phase);
    ObjectNode container = status.putArray("containerStatuses").addObject();
    container.put("name", "worker");
    ObjectNode states = container.putObject("state");
    states.set(state, terminated.orElseGet(ObjectStore::object));
  }

  // What belongs to a Job goes with it: its pods politely, its Secret at once.
  private void collect(ObjectNode job) {
    String name = job.at("/metadata/name").asText();
    String pod = podOf(name);
    store.change(
        "pods",
        pod,
        p -> ((ObjectNode) p.get("metadata")).put("deletionTimestamp", ObjectStore.now()));
    store.remove("secrets", name);
    Process process;
    synchronized (processes) {
      process = processes.get(pod);
    }
    if (process != null) {
      process.destroy();
      try {
        if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    store.remove("pods", pod);
  }

  /** What a pod has printed. */
  public String log(String pod) {
    try {
      return Files.readString(folder.resolve(pod).resolve("output"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    unwatch.run();
    processes.values().forEach(Process::destroyForcibly);
  }
}
