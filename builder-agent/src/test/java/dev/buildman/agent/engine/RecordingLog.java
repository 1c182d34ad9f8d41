package dev.buildman.agent.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what an engine wrote. */
public final class RecordingLog implements EngineLog {

  private final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public void step(int number, int total, String instruction) {
    lines.add("Step " + number + "/" + total + " : " + instruction);
  }

  @Override
  public void output(String text) {
    lines.add(text);
  }

  @Override
  public void status(String status) {
    lines.add(status);
  }

  @Override
  public void progress(String id, String status, long current, long total) {
    lines.add(id + ": " + status + " " + current + "/" + total);
  }

  /** All entries in their order. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** All entries as one text. */
  public String text() {
    return String.join("\n", lines);
  }
}
