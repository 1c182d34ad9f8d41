package dev.buildman.orchestrator.random;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What Redis holds after a step, read in one go. */
record State(Map<BuildId, Build> builds, Map<String, Map<String, Double>> sets) {
  private static final Script DUMP = Script.load(State.class, "dump.lua");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A build's record and, when it has one, its job. */
  record Build(Map<String, String> record, Map<String, String> job) {
    String text(String field) {
      return record.getOrDefault(field, "");
    }

    int number(String field) {
      return Integer.parseInt(record.getOrDefault(field, "0"));
    }

    boolean exists() {
      return !record.isEmpty();
    }

    boolean hasJob() {
      return !job.isEmpty();
    }

    /** Whether an attempt runs: the claim alone is none. */
    boolean real() {
      return hasJob() && !job.get("step").equals("claimed");
    }

    int jobAttempt() {
      return Integer.parseInt(job.get("attempt"));
    }

    int jobSession() {
      return Integer.parseInt(job.get("session"));
    }

    String repository() {
      return text("ns") + "/" + text("repo");
    }

    boolean ended() {
      return text("place").equals("end");
    }
  }

  static State read(OrchestratorScripts scripts, List<BuildId> ids) {
    String names = ids.stream().map(BuildId::value).collect(Collectors.joining(" "));
    try {
      JsonNode all =
          JSON.readTree(scripts.read(DUMP, new Arguments().with("ids", names)).text("all"));
      Map<BuildId, Build> builds = new HashMap<>();
      for (BuildId id : ids) {
        builds.put(
            id,
            new Build(
                fields(all.get("builds").get(id.value())),
                fields(all.get("jobs").get(id.value()))));
      }
      Map<String, Map<String, Double>> sets = new TreeMap<>();
      all.get("sets")
          .properties()
          .forEach(
              set -> {
                Map<String, Double> members = new TreeMap<>();
                fields(set.getValue())
                    .forEach((member, score) -> members.put(member, score(score)));
                sets.put(set.getKey(), members);
              });
      return new State(builds, sets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> fields(JsonNode node) {
    Map<String, String> fields = new HashMap<>();
    if (node != null) {
      node.properties().forEach(one -> fields.put(one.getKey(), one.getValue().asText()));
    }
    return fields;
  }

  private static double score(String text) {
    return text.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }

  Build build(BuildId id) {
    return builds.get(id);
  }

  Set<String> set(String name) {
    return sets.getOrDefault(name, Map.of()).keySet();
  }

  Map<String, Double> scores(String name) {
    return sets.getOrDefault(name, Map.of());
  }
}
