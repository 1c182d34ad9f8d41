package dev.buildman.testing.quay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the real worker and a manager's stand-in said to each other, in order. */
public final class Recording {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final List<JsonNode> lines;

  private Recording(String name, List<JsonNode> lines) {
    this.name = name;
    this.lines = lines;
  }

  /** Of everything that was recorded. */
  public static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/quay-builder"))) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".jsonl"))
          .map(name -> name.substring(0, name.length() - ".jsonl".length()))
          .toList();
    }
  }

  /** The recording of this name. */
  public static Recording of(String name) {
    List<JsonNode> lines = new ArrayList<>();
    try (InputStream in = Recording.class.getResourceAsStream("/quay-builder/" + name + ".jsonl");
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(JSON.readTree(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Recording(name, lines);
  }

  List<JsonNode> lines() {
    return lines;
  }

  /** What the manager answered to a method, in order. */
  List<JsonNode> answers(String rpc) {
    return messages("manager>worker", rpc);
  }

  /** What the worker said to a method, in order. */
  List<JsonNode> requests(String rpc) {
    return messages("worker>manager", rpc);
  }

  private List<JsonNode> messages(String direction, String rpc) {
    return lines.stream()
        .filter(line -> line.path("dir").asText().equals(direction))
        .filter(line -> line.path("rpc").asText().equals(rpc))
        .toList();
  }

  /** The {@code log_message}s that the worker sent in one phase. */
  List<String> printed(String phase) {
    List<String> printed = new ArrayList<>();
    String present = "";
    for (JsonNode line : lines) {
      if (line.path("dir").asText().equals("worker>manager")) {
        if (line.path("rpc").asText().equals("SetPhase")) {
          present = line.path("msg").path("phase").asText();
        } else if (line.path("rpc").asText().equals("LogMessage") && present.equals(phase)) {
          printed.add(line.path("msg").path("log_message").asText());
        }
      }
    }
    return printed;
  }

  int exit() {
    return lines.getLast().path("exit").asInt();
  }

  /** The conversation in the words of a {@link Transcript}, without heartbeats and log lines. */
  List<String> transcript() {
    List<String> said = new ArrayList<>();
    for (JsonNode line : lines) {
      String rpc = line.path("rpc").asText();
      if (line.path("h2").asText().equals("RstStream") && line.path("code").asInt() == 8) {
        // Streams are numbered as they are opened: Ping, LogMessage, RegisterBuildJob, Heartbeat.
        said.add((line.path("stream").asInt() == 3 ? "LogMessage" : "Heartbeat") + " reset");
      } else if (line.path("dir").asText().equals("worker>manager")) {
        switch (rpc) {
          case "Ping", "RegisterBuildJob", "DetermineCachedTag" -> said.add(rpc);
          case "SetPhase" -> said.add(phase(line.path("msg")));
          default -> {}
        }
      }
    }
    said.add("exit " + exit());
    return said;
  }

  private static String phase(JsonNode message) {
    boolean filled = !message.path("pull_metadata").path("registry_url").asText().isEmpty();
    return "SetPhase "
        + message.path("sequence_number").asInt()
        + " "
        + message.path("phase").asText()
        + (filled ? " with metadata" : "");
  }

  @Override
  public String toString() {
    return name;
  }
}
