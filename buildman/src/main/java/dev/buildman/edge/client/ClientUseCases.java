package dev.buildman.edge.client;

import dev.buildman.intake.BuildCancel;
import dev.buildman.intake.BuildCreation;
import dev.buildman.intake.BuildHints;
import dev.buildman.intake.BuildReader;
import dev.buildman.intake.BuildRetry;
import dev.buildman.intake.ExecutorControl;
import dev.buildman.intake.LogFollow;
import dev.buildman.intake.StatusReport;
import dev.buildman.intake.WorkerList;
import dev.buildman.sources.SourceStore;

/** What clients may do, for the edge that lets them. */
public record ClientUseCases(
    Changing changing, Reading reading, Operating operating, SourceStore sources) {

  /** What operators ask for. */
  public record Operating(StatusReport status, WorkerList workers, ExecutorControl executors) {}

  /** What changes builds. */
  public record Changing(BuildCreation creation, BuildRetry retry, BuildCancel cancel) {}

  /** What shows builds. */
  public record Reading(BuildReader builds, BuildHints hints, LogFollow.Logs logs) {}
}
