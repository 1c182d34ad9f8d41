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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/**
 * Turns the Jobs of a store into pods and these into containers, as the Job controller, the
 * scheduler, a kubelet and the garbage collector would together.
 */
public final class FakeKubelet implements AutoCloseable {
  private static final String JOB = "batch.kubernetes.io/job-name";

  private final ObjectStore store;
  private final Path folder;
  private final Duration grace;
  private final PodProgram program;
  private final Map<String, PodProgram.Running> running = new ConcurrentHashMap<>();
  private final Set<String> ending = ConcurrentHashMap.newKeySet();
  private final Set<String> lost = ConcurrentHashMap.newKeySet();
  private final Set<String> starved = ConcurrentHashMap.newKeySet();
  private final Runnable unwatch;
  private volatile String refusal = "";
  private volatile String noNode = "";

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
    this(store, folder, grace, PodProgram.ofProcesses(program));
  }

  /** As above, with containers of any kind. */
  public FakeKubelet(ObjectStore store, Path folder, Duration grace, PodProgram program) {
    this.store = store;
    this.folder = folder;
    this.grace = grace;
    this.program = program;
    this.unwatch = store.watch(0, this::see);
  }

  private void see(ObjectStore.Change change) {
    ObjectNode object = change.object();
    boolean gone = change.type().equals("DELETED");
    switch (change.kind()) {
      case "jobs" -> {
        if (gone) {
          later(() -> collect(object));
        } else if (change.type().equals("ADDED")) {
          later(() -> schedule(object));
        }
      }
      case "pods" -> {
        if (!gone && isLeaving(object)) {
          later(() -> terminate(name(object)));
        }
      }
      case "secrets" -> {
        if (!gone) {
          later(() -> handedOver(object));
        }
      }
      default -> {}
    }
  }

  private static void later(Runnable work) {
    Thread.ofVirtual().name("fake-kubelet").start(work);
  }

  private static String name(JsonNode object) {
    return object.at("/metadata/name").asText();
  }

  private static String uid(JsonNode object) {
    return object.at("/metadata/uid").asText();
  }

  private static String owner(JsonNode object) {
    return object.at("/metadata/ownerReferences/0/uid").asText();
  }

  private static boolean isLeaving(JsonNode object) {
    return object.at("/metadata").has("deletionTimestamp");
  }

  private static String podOf(String job) {
    return job + "-pod01";
  }

  /** Makes no pods from now on, and says so as the Job controller does; empty: makes them again. */
  public void refuse(String message) {
    refusal = message;
  }

  /** Finds no node for pods from now on; empty: finds one again, for those that wait too. */
  public void noNode(String message) {
    noNode = message;
    if (message.isEmpty()) {
      store.list("pods", Map.of()).forEach(this::run);
    }
  }

  /** Ends a pod's container as the kernel does when its memory is used up. */
  public void killForMemory(String job) {
    starved.add(podOf(job));
    Optional.ofNullable(running.get(podOf(job))).ifPresent(PodProgram.Running::kill);
  }

  /** Takes a Job away and leaves its pod, as a deletion without a policy does (K18). */
  public void orphan(String job) {
    for (String kind : Set.of("pods", "secrets")) {
      for (ObjectNode owned : store.list(kind, Map.of())) {
        if (store.get("jobs", job).filter(j -> uid(j).equals(owner(owned))).isPresent()) {
          store.change(
              kind, name(owned), o -> ((ObjectNode) o.get("metadata")).remove("ownerReferences"));
        }
      }
    }
    store.remove("jobs", job);
  }

  /** Takes a pod away, and says why as the eviction does. */
  public void evict(String job) {
    store.change(
        "pods",
        podOf(job),
        pod -> {
          ObjectNode condition =
              ((ObjectNode) pod.get("status")).withArray("conditions").addObject();
          condition.put("type", "DisruptionTarget");
          condition.put("status", "True");
          condition.put("reason", "EvictionByEvictionAPI");
          condition.put("message", "Eviction API: evicting");
          ((ObjectNode) pod.get("metadata")).put("deletionTimestamp", ObjectStore.now());
        });
  }

  /** The node of a Job's pod is not heard any more: its container runs on, its pod never ends. */
  public void loseNode(String job) {
    lost.add(podOf(job));
  }

  /** All nodes are back: what should have ended there ends. */
  public void findNodes() {
    Set<String> back = Set.copyOf(lost);
    lost.removeAll(back);
    back.forEach(
        pod ->
            store.get("pods", pod).filter(FakeKubelet::isLeaving).ifPresent(_ -> terminate(pod)));
  }

  private void refused(ObjectNode job) {
    ObjectNode event = ObjectStore.object();
    ObjectNode meta = event.putObject("metadata");
    meta.put("name", name(job) + ".refused");
    meta.set("namespace", job.at("/metadata/namespace"));
    ObjectNode about = event.putObject("involvedObject");
    about.put("kind", "Job");
    about.put("name", name(job));
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
    meta.put("name", podOf(name(job)));
    meta.put("namespace", job.at("/metadata/namespace").asText());
    ObjectNode labels = template.at("/metadata/labels").deepCopy();
    labels.put(JOB, name(job));
    meta.set("labels", labels);
    meta.set("annotations", template.at("/metadata/annotations").deepCopy());
    ObjectNode owner = meta.putArray("ownerReferences").addObject();
    owner.put("apiVersion", "batch/v1").put("kind", "Job").put("controller", true);
    owner.put("name", name(job)).put("uid", uid(job));
    pod.set("spec", template.get("spec"));
    pod.putObject("status").put("phase", "Pending");
    store.create("pods", pod).ifPresent(this::run);
    if (store.get("jobs", name(job)).filter(j -> uid(j).equals(uid(job))).isEmpty()) {
      collect(job);
    }
  }

  private void handedOver(ObjectNode secret) {
    String owner = secret.at("/metadata/ownerReferences/0/name").asText();
    if (owner.isEmpty()) {
      // Of nobody any more: so it stays.
      return;
    }
    if (store.get("jobs", owner).filter(job -> uid(job).equals(owner(secret))).isEmpty()) {
      store.remove("secrets", name(secret));
      return;
    }
    store.list("pods", Map.of(JOB, name(secret))).forEach(this::run);
  }

  private static String secretName(JsonNode pod) {
    for (JsonNode volume : pod.at("/spec/volumes")) {
      if (volume.has("secret")) {
        return volume.at("/secret/secretName").asText();
      }
    }
    for (JsonNode variable : pod.at("/spec/containers/0/env")) {
      if (variable.at("/valueFrom/secretKeyRef").has("name")) {
        return variable.at("/valueFrom/secretKeyRef/name").asText();
      }
    }
    return "";
  }

  private void run(ObjectNode pod) {
    String name = name(pod);
    if (!noNode.isEmpty()) {
      store.change("pods", name, this::unscheduled);
      return;
    }
    String secret = secretName(pod);
    if (!secret.isEmpty() && store.get("secrets", secret).isEmpty()) {
      return;
    }
    try {
      synchronized (running) {
        if (running.containsKey(name)
            || ending.contains(name)
            || store.get("pods", name).filter(p -> !isLeaving(p)).isEmpty()) {
          return;
        }
        Path own = Files.createDirectories(folder.resolve(name));
        running.put(name, program.start(environment(pod, own), own, own.resolve("output")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    store.change("pods", name, p -> state(p, "Running", "running", Optional.empty()));
    PodProgram.Running container = running.get(name);
    later(() -> ended(pod, container.onExit().join()));
  }

  private void unscheduled(ObjectNode pod) {
    ObjectNode condition = pod.withObject("/status").putArray("conditions").addObject();
    condition.put("type", "PodScheduled");
    condition.put("status", "False");
    condition.put("reason", "Unschedulable");
    condition.put("message", noNode);
  }

  private Map<String, String> environment(ObjectNode pod, Path own) throws IOException {
    JsonNode data =
        store
            .get("secrets", secretName(pod))
            .<JsonNode>map(secret -> secret.path("data"))
            .orElseGet(ObjectStore::object);
    Map<String, String> environment = new ConcurrentHashMap<>();
    for (JsonNode variable : pod.at("/spec/containers/0/env")) {
      String key = variable.at("/valueFrom/secretKeyRef/key").asText();
      environment.put(
          variable.get("name").asText(),
          key.isEmpty()
              ? variable.path("value").asText()
              : new String(decoded(data.path(key)), StandardCharsets.UTF_8));
    }
    Path mounted = Files.createDirectories(own.resolve("secret"));
    for (Map.Entry<String, JsonNode> entry : data.properties()) {
      Files.write(mounted.resolve(entry.getKey()), decoded(entry.getValue()));
    }
    environment.replaceAll(
        (_, value) -> value.replace("/run/secrets/buildman", mounted.toString()));
    environment.replaceAll((_, value) -> value.equals("/workspace") ? own.toString() : value);
    return environment;
  }

  private static byte[] decoded(JsonNode base64) {
    return Base64.getDecoder().decode(base64.asText());
  }

  private void ended(ObjectNode pod, int status) {
    String name = name(pod);
    if (lost.contains(name)) {
      return;
    }
    String phase = status == 0 ? "Succeeded" : "Failed";
    ObjectNode terminated = ObjectStore.object();
    terminated.put("exitCode", status);
    terminated.put("finishedAt", ObjectStore.now());
    String why = starved.contains(name) ? "OOMKilled" : "Error";
    terminated.put("reason", status == 0 ? "Completed" : why);
    store.change("pods", name, p -> state(p, "Running", "terminated", Optional.of(terminated)));
    store.change("pods", name, p -> state(p, phase, "terminated", Optional.of(terminated)));
    store.change(
        "jobs",
        pod.at("/metadata/labels").path(JOB).asText(),
        j -> {
          ObjectNode condition = j.putObject("status").putArray("conditions").addObject();
          condition.put("type", status == 0 ? "Complete" : "Failed");
          condition.put("status", "True");
          condition.put("reason", status == 0 ? "CompletionsReached" : "BackoffLimitExceeded");
        });
  }

  private static void state(
      ObjectNode pod, String phase, String state, Optional<ObjectNode> terminated) {
    ObjectNode status = pod.withObject("/status");
    status.put("phase", phase);
    ObjectNode container = status.putArray("containerStatuses").addObject();
    container.put("name", "worker");
    ObjectNode states = container.putObject("state");
    states.set(state, terminated.orElseGet(ObjectStore::object));
  }

  // What belongs to a Job goes with it: its pod politely, its Secret at once.
  private void collect(ObjectNode job) {
    store
        .get("pods", podOf(name(job)))
        .filter(pod -> owner(pod).equals(uid(job)))
        .ifPresent(
            pod ->
                store.change(
                    "pods",
                    name(pod),
                    p ->
                        ((ObjectNode) p.get("metadata"))
                            .put("deletionTimestamp", ObjectStore.now())));
    store
        .get("secrets", name(job))
        .filter(secret -> owner(secret).equals(uid(job)))
        .ifPresent(secret -> store.remove("secrets", name(secret)));
  }

  private void terminate(String pod) {
    if (lost.contains(pod) || !ending.add(pod)) {
      return;
    }
    PodProgram.Running container;
    synchronized (running) {
      container = running.get(pod);
    }
    if (container != null) {
      try {
        container.end(grace);
        container.onExit().join();
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

  /** Pods whose container runs. */
  public long runningPods() {
    return running.values().stream().filter(container -> !container.onExit().isDone()).count();
  }

  @Override
  public void close() {
    unwatch.run();
    running.values().forEach(PodProgram.Running::kill);
  }
}
