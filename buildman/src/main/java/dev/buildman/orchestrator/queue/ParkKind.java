package dev.buildman.orchestrator.queue;

/** What a parked build waits for. */
public enum ParkKind {
  /** Room: woken by a freed slot, and after 5 s at the latest. */
  CAPACITY,
  /** An executor that works again: woken by time only, after a pause that doubles up to 300 s. */
  OUTAGE;

  String word() {
    return this == CAPACITY ? "capacity" : "outage";
  }
}
