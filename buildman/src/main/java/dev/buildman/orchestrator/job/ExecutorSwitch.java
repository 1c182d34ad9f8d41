package dev.buildman.orchestrator.job;

import dev.buildman.model.ExecutorName;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Switches executors off and on for all managers. While one is off no intent is recorded for it;
 * what runs there runs on.
 */
public final class ExecutorSwitch {
  private static final Script SWITCH = Script.load(ExecutorSwitch.class, "switch-executor.lua");
  private static final Script OFF = Script.load(ExecutorSwitch.class, "executors-off.lua");

  private final OrchestratorScripts scripts;

  public ExecutorSwitch(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * An executor that is off.
   *
   * @param since by Redis's clock
   * @param sentence who wanted it and why; may be empty
   */
  public record Off(Instant since, String sentence) {}

  /** AlreadyThere when it is off: what was said first stays. */
  public Result<Done> off(ExecutorName executor, String sentence) {
    return run(executor, false, sentence);
  }

  /** AlreadyThere when it is on. */
  public Result<Done> on(ExecutorName executor) {
    return run(executor, true, "");
  }

  private Result<Done> run(ExecutorName executor, boolean on, String sentence) {
    Arguments arguments =
        new Arguments().with("executor", executor).with("on", on).with("sentence", sentence);
    return scripts.run(SWITCH, arguments, _ -> Done.DONE);
  }

  /** Those that are off, by name, whether any manager has them or not. */
  public Map<String, Off> allOff() {
    Map<String, Off> all = new TreeMap<>();
    scripts
        .read(OFF, new Arguments())
        .children("executors")
        .forEach(
            one ->
                all.put(
                    one.text("executor"),
                    new Off(one.time("since").orElse(Instant.EPOCH), one.text("sentence"))));
    return all;
  }
}
