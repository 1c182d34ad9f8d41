package dev.buildman.e2e;

/** Where the walk of one build is stopped in a manager: between the lines that matter. */
enum WalkStops {
  /** Claimed; no intent, so no attempt exists yet. */
  CLAIMED("dev.buildman.schedule.ChainWalk", "walk"),
  /** The intent is recorded, nothing of the worker is there. */
  INTENDED("dev.buildman.executor.popen.PopenExecutor", "start"),
  /** The process runs, which is not recorded. */
  STARTED("dev.buildman.schedule.ChainWalk", "record");

  private final String type;
  private final String method;

  WalkStops(String type, String method) {
    this.type = type;
    this.method = method;
  }

  /**
   * Stops the next walk of the build there.
   *
   * @param build its id, which may not be enqueued yet
   */
  Debugger.Stop of(Debugger debugger, String build) {
    // Walks are named after the attempt, launches after the execution.
    return debugger.stopAt(type, method, build, build.replace("-", ""));
  }
}
