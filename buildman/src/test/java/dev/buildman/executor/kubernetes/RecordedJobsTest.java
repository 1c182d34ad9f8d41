package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real cluster sent while a Job went through each case, read step by step. */
class RecordedJobsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Verdict(long millis, Sight sight) {}

  /**
   * Rows: recording, what there is to tell first, its reason or exit, words that it holds, and when
   * it could be seen, in ms after the POST. The traps K1 to K15 that leave a trace are among them.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      textBlock =
          """
          success                    | Ended     | exit status 0           |                                  | 2895
          exit-1                     | Ended     | exit status 1           | why                              | 1032
          command-missing            | Ended     | exit status 128         | StartError: failed to create     | 940
          oom                        | Ended     | out of memory           | OOMKilled                        | 851
          oom-of-a-child             | Ended     | out of memory           | OOMKilled                        | 860
          ephemeral-storage-exceeded | Ended     | signal 9                | exceeds the total limit          | 20024
          init-fails                 | Ended     | exit status unknown     | init container init ended with exit status 7 | 1687
          pod-deleted                | Ended     | signal 15               |                                  | 1586
          deadline                   | Ended     | signal 15               |                                  | 3748
          job-deleted-background     | Ended     | signal 9                |                                  | 6231
          job-deleted-foreground     | Ended     | signal 9                |                                  | 6067
          owned-secret-collected     | Ended     | signal 15               |                                  | 1143
          recreated-after-background | Ended     | exit status 0           |                                  | 1746
          recreated-while-foreground | Ended     | signal 9                |                                  | 6159
          drained                    | TakenAway | NODE_DRAINED            | EvictionByEvictionAPI            | 1373
          evicted                    | TakenAway | NODE_DRAINED            | EvictionByEvictionAPI            | 1273
          quota-refuses-cpu          | Trouble   | QUOTA_EXCEEDED          | exceeded quota: q                | 11
          quota-refuses-pod          | Trouble   | QUOTA_EXCEEDED          | exceeded quota: q                | 11
          limit-range-refuses        | Trouble   | EXECUTOR_UNAVAILABLE    | maximum cpu usage                | 15
          unschedulable              | Trouble   | UNSCHEDULABLE           | Insufficient cpu                 | 15
          image-missing              | Trouble   | IMAGE_PULL_FAILED       | registry.test/nosuch:1: not found | 1018
          image-name-invalid         | Trouble   | IMAGE_PULL_FAILED       | invalid reference format         | 393
          run-as-non-root-refused    | Trouble   | NEVER_REGISTERED        | image will run as root           | 852
          secret-missing-env         | Trouble   | NEVER_REGISTERED        | secret "missing" not found       | 486
          secret-missing-volume      | Trouble   | NEVER_REGISTERED        | secret "missing" not found       | 260
          """)
  void theCauseIsSeenAsSoonAsItIsThere(
      String recording, String kind, String what, @Nullable String words, long millis) {
    Verdict first =
        timeline(recording).stream()
            .filter(verdict -> !(verdict.sight() instanceof Sight.Well))
            .findFirst()
            .orElseThrow();

    assertThat(first.sight().getClass().getSimpleName()).isEqualTo(kind);
    assertThat(told(first.sight())).isEqualTo(what);
    assertThat(first.sight().toString()).contains(words == null ? "" : words);
    assertThat(first.millis()).isEqualTo(millis);
  }

  private static String told(Sight sight) {
    return switch (sight) {
      case Sight.Well() -> "";
      case Sight.Trouble trouble -> trouble.reason().code();
      case Sight.TakenAway taken -> taken.reason().code();
      case Sight.Ended ended -> ended.exit().how().describe();
    };
  }

  /** A Job that loses its pod while it lives on (D15, K18): nobody may take it for an end. */
  @Test
  void aJobThatWasOrphanedByAnotherIsStillThere() {
    assertThat(timeline("job-deleted-no-policy"))
        .allSatisfy(verdict -> assertThat(verdict.sight()).isInstanceOf(Sight.Well.class));
  }

  private static List<Verdict> timeline(String recording) {
    Map<String, Job> jobs = new LinkedHashMap<>();
    Map<String, Pod> pods = new LinkedHashMap<>();
    Map<String, Event> warnings = new LinkedHashMap<>();
    List<Verdict> verdicts = new ArrayList<>();
    for (JsonNode line : lines(recording)) {
      String kind = line.get("kind").asText();
      JsonNode object = line.get("object");
      switch (kind) {
        case "jobs" -> apply(jobs, line, Job.class, SlimStore::slim);
        case "pods" -> apply(pods, line, Pod.class, SlimStore::slim);
        case "events" -> {
          if (line.at("/object/type").asText().equals("Warning")) {
            apply(warnings, line, Event.class, SlimStore::withoutManagers);
          }
        }
        default -> {
          continue;
        }
      }
      Sight sight =
          WorkerSight.read(
              jobs.values().stream().reduce((_, b) -> b).orElse(null),
              List.copyOf(pods.values()),
              List.copyOf(warnings.values()));
      boolean same =
          !verdicts.isEmpty() && verdicts.getLast().sight().toString().equals(sight.toString());
      if (!same && object != null) {
        verdicts.add(new Verdict(line.get("t_ms").asLong(), sight));
      }
    }
    return verdicts;
  }

  private static <T> void apply(
      Map<String, T> objects, JsonNode line, Class<T> type, UnaryOperator<T> slim) {
    String uid = line.at("/object/metadata/uid").asText();
    if (line.get("type").asText().equals("DELETED")) {
      objects.remove(uid);
    } else {
      objects.put(uid, slim.apply(Serialization.unmarshal(line.get("object").toString(), type)));
    }
  }

  private static List<JsonNode> lines(String recording) {
    String file = "/kubernetes/" + recording + ".jsonl";
    try (InputStream in = RecordedJobsTest.class.getResourceAsStream(file)) {
      List<JsonNode> lines = new ArrayList<>();
      String text =
          new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().toList()) {
        lines.add(JSON.readTree(line));
      }
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
