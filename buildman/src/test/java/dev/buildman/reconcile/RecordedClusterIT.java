package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.config.ConfigReader;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.executor.kubernetes.KubernetesExecutor;
import dev.buildman.executor.kubernetes.KubernetesSettings;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Tasks;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.ObjectStore;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a real cluster sent, replayed through an API server of ours to an executor and to the real
 * scripts: each attempt ends when the outcome table says, for what it says, and at what it costs.
 */
@RedisTest
class RecordedClusterIT {
  private static final Installation OURS = new Installation("0123456789ab", "state-1");

  private final ObjectStore store = new ObjectStore();
  private final AtomicLong nanos = new AtomicLong();
  private FakeApiServer server;
  private KubernetesExecutor executor;
  private TestOrchestrator redis;

  @BeforeEach
  void open(TestRedis own) throws IOException {
    redis = new TestOrchestrator(own).allow(10);
    server = new FakeApiServer(store);
    String lines = "E:\n  AGENT: ours\n  K8S_API_SERVER: " + server.address() + "\n";
    KubernetesSettings settings =
        new ConfigReader(Map.of())
            .readText(
                "test", lines, Path.of("/"), top -> KubernetesSettings.parse(top.section("E"), "1"))
            .orThrow();
    executor = new KubernetesExecutor(settings, OURS, nanos::get, InstantSource.system());
  }

  @AfterEach
  void close() {
    executor.close();
    server.close();
  }

  /** Rows: recording, ms at which its cause is to be seen, s of grace, reason, cost. */
  @ParameterizedTest
  @CsvSource({
    "success,                    2895,   0, WORKER_EXITED,        try",
    "exit-1,                     1032,   0, WORKER_EXITED,        try",
    "command-missing,             940,   0, WORKER_EXITED,        try",
    "oom,                         851,   0, OOM_KILLED,           try",
    "oom-of-a-child,              860,   0, OOM_KILLED,           try",
    "ephemeral-storage-exceeded, 20024,  0, WORKER_EXITED,        try",
    "init-fails,                 1687,   0, WORKER_EXITED,        try",
    "pod-deleted,                1586,   0, WORKER_EXITED,        try",
    "deadline,                   3748,   0, WORKER_EXITED,        try",
    "job-deleted-background,     6231,   0, WORKER_EXITED,        try",
    "job-deleted-foreground,     6067,   0, WORKER_EXITED,        try",
    "owned-secret-collected,     1143,   0, WORKER_EXITED,        try",
    "drained,                    1373,   0, NODE_DRAINED,         interruption",
    "evicted,                    1273,   0, NODE_DRAINED,         interruption",
    "quota-refuses-cpu,            11,   0, QUOTA_EXCEEDED,       none",
    "quota-refuses-pod,            11,   0, QUOTA_EXCEEDED,       none",
    "limit-range-refuses,          15,   0, EXECUTOR_UNAVAILABLE, none",
    "unschedulable,                15, 180, UNSCHEDULABLE,        none",
    "image-missing,              1018,  90, IMAGE_PULL_FAILED,    try",
    "image-name-invalid,          393,   0, IMAGE_PULL_FAILED,    try",
    "run-as-non-root-refused,     852,  30, NEVER_REGISTERED,     try",
    "secret-missing-env,          486,  30, NEVER_REGISTERED,     try",
    "secret-missing-volume,       260,  30, NEVER_REGISTERED,     try"
  })
  void theAttemptEndsInTimeForItsReasonAndAtItsCost(
      String recording, long seen, long grace, String reason, String cost) {
    JobRef job = launched();
    String name = name(job).value();
    ExitWatch exits =
        new ExitWatch(
            redis.scripts,
            new KnownExecutors(List.of(executor)),
            new Insistence(Sleeper.system()),
            new Tasks(),
            new Metrics());
    try (Watch watch = exits.watch(executor)) {
      assertThat(watch).isNotNull();
      List<JsonNode> lines = lines(recording);
      replay(lines, name, -1, seen - 1);
      assertStillThere(job);
      replay(lines, name, seen - 1, seen);
      if (grace > 0) {
        // What is told of it at once shows that it was seen now: the grace counts from here.
        await().until(() -> redis.reasons(job.build()).contains(reason));
        at(seen + grace * 1000 - 1);
        assertStillThere(job);
        at(seen + grace * 1000);
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> redis.jobs.get(job.build()).isEmpty());
    }
    assertCost(job.build(), reason, cost);
  }

  private JobRef launched() {
    redis.enqueued("acme/app");
    JobRef job = redis.claimed().job();
    ExecutionName name = name(job);
    sure(
        redis.intend.run(
            job,
            new WorkerPlace(
                executor.name(),
                Optional.empty(),
                name.value(),
                OptionalInt.empty(),
                Optional.empty())));
    WorkerRequest request =
        new WorkerRequest(
            job.attempt(), name, OURS, Secret.of("token"), Map.of(), Duration.ofHours(2));
    LaunchResult started = executor.start(request);
    assertThat(started).isInstanceOf(LaunchResult.Started.class);
    sure(redis.launched.run(job, "builder/" + name, Duration.ofSeconds(500)));
    return job;
  }

  private static ExecutionName name(JobRef job) {
    return ExecutionName.of(OURS, job.attempt(), job.nonce());
  }

  private void at(long millis) {
    nanos.set(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void assertStillThere(JobRef job) {
    await()
        .during(Duration.ofMillis(150))
        .until(() -> redis.jobs.get(job.build()).filter(j -> j.ref().equals(job)).isPresent());
  }

  private void assertCost(BuildId build, String reason, String cost) {
    var counts = redis.record(build).course().counts();
    assertThat(redis.reasons(build)).contains(reason);
    assertThat(redis.record(build).standing().reason()).isEqualTo(reason);
    assertThat(counts.tries()).isEqualTo(cost.equals("try") ? 2 : 3);
    assertThat(counts.interruptions()).isEqualTo(cost.equals("interruption") ? 1 : 0);
  }

  /** Does what the cluster did after one moment, up to another. */
  private void replay(List<JsonNode> lines, String job, long after, long until) {
    for (JsonNode line : lines) {
      long millis = line.get("t_ms").asLong();
      if (millis > after && millis <= until && line.get("object").isObject()) {
        at(millis);
        apply(line, job);
      }
    }
    at(until);
  }

  private void apply(JsonNode line, String job) {
    String kind = line.get("kind").asText();
    ObjectNode object = line.get("object").deepCopy();
    boolean gone = line.get("type").asText().equals("DELETED");
    switch (kind) {
      case "jobs" -> {
        if (gone) {
          store.remove("jobs", job);
        } else {
          store.change("jobs", job, ours -> ours.set("status", object.get("status")));
        }
      }
      case "pods" -> pod(object, job, gone);
      case "events" -> event(object, job);
      default -> {}
    }
  }

  private void pod(ObjectNode pod, String job, boolean gone) {
    ObjectNode meta = (ObjectNode) pod.get("metadata");
    meta.put("name", job + meta.get("name").asText().substring(1));
    meta.put("namespace", "builder");
    ObjectNode labels = meta.putObject("labels");
    store
        .get("pods", meta.get("name").asText())
        .map(known -> known.at("/metadata/labels"))
        .or(() -> store.get("jobs", job).map(j -> j.at("/spec/template/metadata/labels")))
        .ifPresent(known -> labels.setAll((ObjectNode) known));
    labels.put("batch.kubernetes.io/job-name", job);
    if (gone) {
      store.remove("pods", meta.get("name").asText());
    } else {
      store.set("pods", pod);
    }
  }

  private void event(ObjectNode event, String job) {
    ObjectNode about = (ObjectNode) event.get("involvedObject");
    about.put("name", job + about.get("name").asText().substring(1));
    ((ObjectNode) event.get("metadata")).put("namespace", "builder");
    store.set("events", event);
  }

  private static List<JsonNode> lines(String recording) {
    String file = "/kubernetes/" + recording + ".jsonl";
    try (InputStream in = RecordedClusterIT.class.getResourceAsStream(file)) {
      byte[] bytes = Objects.requireNonNull(in, file).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8)
          .lines()
          .<JsonNode>map(ObjectStore::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
