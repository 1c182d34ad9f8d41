package dev.buildman.edge.client;

import dev.buildman.intake.BuildCancel;
import dev.buildman.intake.BuildCreation;
import dev.buildman.intake.BuildHints;
import dev.buildman.intake.BuildReader;
import dev.buildman.intake.BuildRetry;
import dev.buildman.intake.LogFollow;
import dev.buildman.intake.StatusReport;
import dev.buildman.sources.SourceStore;

/** What clients may do, for the edge that lets them. */
public record ClientUseCases(
    Changing changing, Reading reading, StatusReport status, SourceStore sources) {

  /** What changes builds. */
  public record Changing(BuildCreation creation, BuildRetry retry, BuildCancel cancel) {}

  /** What shows builds. */
  public record Reading(BuildReader builds, BuildHints hints, LogFollow.Logs logs) {}
}
