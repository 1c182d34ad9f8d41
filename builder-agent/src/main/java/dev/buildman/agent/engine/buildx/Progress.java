package dev.buildman.agent.engine.buildx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.process.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What buildx prints with {@code --progress=rawjson}: what BuildKit does, as JSON, one message in a
 * line, and between and after it words for people.
 */
final class Progress implements BiConsumer<Channel, String> {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int KEPT_WORDS = 60;
  private static final int ID_LENGTH = 12;

  private final StepNames names;
  private final EngineLog log;
  private final Map<String, String> vertices = new HashMap<>();
  private final Set<String> begun = new HashSet<>();
  private final Deque<String> words = new ArrayDeque<>();
  private String latest = "";
  private @Nullable Instruction failed;
  private String error = "";

  Progress(StepNames names, EngineLog log) {
    this.names = names;
    this.log = log;
  }

  /** Both channels end here, each from a thread of its own. */
  @Override
  public synchronized void accept(Channel channel, String line) {
    if (line.startsWith("{")) {
      try {
        message(JSON.readTree(line));
        return;
      } catch (JsonProcessingException e) {
        // Words that only begin like a message.
        words.addLast(line);
        return;
      }
    }
    if (!line.startsWith("ERROR: ")) {
      log.output(line + "\n");
    }
    words.addLast(line);
    if (words.size() > KEPT_WORDS) {
      words.removeFirst();
    }
  }

  private void message(JsonNode message) {
    message.path("vertexes").forEach(this::vertex);
    message.path("statuses").forEach(this::status);
    message.path("logs").forEach(this::output);
  }

  private void vertex(JsonNode vertex) {
    String id = vertex.path("digest").asText();
    String name = vertex.path("name").asText();
    vertices.put(id, name);
    if (vertex.hasNonNull("started") && begun.add(id)) {
      begin(id, name);
      if (vertex.path("cached").asBoolean() && names.find(name) != null) {
        log.output(" ---> Using cache\n");
      }
    }
    String problem = vertex.path("error").asText("");
    if (problem.isEmpty() || problem.endsWith("context canceled")) {
      return;
    }
    Instruction instruction = names.find(name);
    if (instruction != null && failed == null) {
      failed = instruction;
      error = problem;
    } else if (name.startsWith("importing cache") || name.startsWith("exporting cache")) {
      log.status("Cache is not used: " + problem);
    }
  }

  private void begin(String id, String name) {
    Instruction instruction = names.find(name);
    if (instruction != null) {
      latest = id;
      log.step(names.number(instruction), names.total(), instruction.text());
    } else if (!name.startsWith("[internal]")) {
      log.status(name);
    }
  }

  /** Layers on their way from a registry; what else moves is within this machine. */
  private void status(JsonNode status) {
    String id = status.path("id").asText();
    if (id.startsWith("sha256:") && status.path("total").asLong() > 0) {
      String digest = id.substring("sha256:".length());
      boolean over = status.hasNonNull("completed");
      log.progress(
          digest.substring(0, Math.min(ID_LENGTH, digest.length())),
          over ? "Pull complete" : "Downloading",
          status.path("current").asLong(),
          status.path("total").asLong());
    }
  }

  /** Stages run side by side: what is not of the step shown last says where it is from. */
  private void output(JsonNode entry) {
    String id = entry.path("vertex").asText();
    String text =
        new String(
            Base64.getDecoder().decode(entry.path("data").asText("")), StandardCharsets.UTF_8);
    String name = vertices.getOrDefault(id, "");
    int end = name.indexOf(']') + 1;
    if (id.equals(latest) || end == 0) {
      log.output(text);
    } else {
      log.output(text.replaceAll("(?m)^(?=.)", name.substring(0, end) + " "));
    }
  }

  /** The failure that the end of the program means. */
  synchronized EngineFailure failure(String how) {
    String last =
        words.stream()
            .filter(line -> line.startsWith("ERROR: "))
            .reduce((one, other) -> other)
            .map(line -> line.substring("ERROR: ".length()))
            .orElse(how);
    return new BuildxFailure(error.isEmpty() ? last : error, failed == null ? named() : failed)
        .failure();
  }

  /** The instruction of the line that buildx shows with its error. */
  private @Nullable Instruction named() {
    Instruction found = null;
    for (String line : words) {
      int colon = line.lastIndexOf(':');
      if (colon > 0 && line.substring(colon + 1).matches("\\d{1,6}")) {
        found = names.atLine(Integer.parseInt(line.substring(colon + 1)));
      }
    }
    return found;
  }
}
