package dev.buildman.cli;

import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells scripts what happens: one document per line, its kind in {@code type}. */
final class JsonFollower implements Follower {

  private final PrintStream out;

  JsonFollower(PrintStream out) {
    this.out = out;
  }

  static Map<String, Object> typed(String type, Map<String, Object> document) {
    Map<String, Object> typed = new LinkedHashMap<>();
    typed.put("type", type);
    typed.putAll(document);
    return typed;
  }

  @Override
  public void onBuild(Build build) {
    Json.line(out, typed("build", JsonView.build(build)));
  }

  @Override
  public void onEvents(List<Event> events) {
    events.forEach(event -> Json.line(out, typed("event", JsonView.event(event))));
  }

  @Override
  public void onLog(long index, List<LogEntry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Json.line(out, typed("log", JsonView.log(index + i, entries.get(i))));
    }
  }

  @Override
  public void onAway(String text) {
    Json.line(out, typed("away", Map.of("message", text)));
  }

  @Override
  public void onBack() {
    Json.line(out, typed("back", Map.of()));
  }
}
