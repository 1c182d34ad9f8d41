package dev.buildman.orchestrator.queue;

import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.redis.Arguments;
import dev.buildman.redis.Script;
import java.time.Duration;

/** Which uploaded sources builds still need. */
public final class SourceUse {
  private static final Script SCRIPT = Script.load(SourceUse.class, "source-use.lua");

  private final OrchestratorScripts scripts;

  public SourceUse(OrchestratorScripts scripts) {
    this.scripts = scripts;
  }

  /**
   * Whether a build that has not ended, or ended lately, names a source. Forgets one that none
   * does.
   *
   * @param digest as the builds name it
   * @param retention how long after its last build's end a source is still named
   */
  public boolean isNamed(String digest, Duration retention) {
    Arguments arguments = new Arguments().with("source", digest).with("retention", retention);
    return scripts.read(SCRIPT, arguments).flag("named");
  }
}
