package dev.buildman.orchestrator.queue;

import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;

/** Makes parked builds and namespaces runnable again. */
public final class WakeParked {
  private static final Script SCRIPT = Script.load(WakeParked.class, "wake-parked.lua");
  private static final Script BY_EVENT = Script.load(WakeParked.class, "wake-parked-by-event.lua");

  private final OrchestratorScripts scripts;

  public WakeParked(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Wakes one member when its time has come. AlreadyThere when it is not parked. Refused with
   * NOT_DUE.
   *
   * @param member as {@code Due} gave it: a build's id or a namespace
   */
  public Result<Done> run(String member) {
    return scripts.run(SCRIPT, new Arguments().with("member", member), _ -> Done.DONE);
  }

  /**
   * Wakes what waits for room only, those that would wake first: after a slot was freed.
   *
   * @param most members to wake
   * @return how many were woken; AlreadyThere with 0 when none waits
   */
  public Result<Integer> byEvent(int most) {
    return scripts.run(
        BY_EVENT, new Arguments().with("most", most), reply -> reply.integer("woken"));
  }
}
