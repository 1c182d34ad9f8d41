package dev.buildman.agent.engine.matrix;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.buildah.BuildahEngine;
import dev.buildman.agent.engine.buildah.BuildahSettings;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.util.List;
import java.util.Map;

@NeedsPrograms({Program.BUILDAH, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class BuildahMatrixIT extends EngineMatrix {
  @Override
  protected BuildEngine engine() {
    return new BuildahEngine(
        new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of()),
        BuildahSettings.defaults(),
        Sleeper.system());
  }

  @Override
  protected Map<String, List<String>> differences() {
    return Map.of(
        // It gives files their owner after their mode, and the kernel takes the bit away.
        "setuid, sticky and closed modes",
        List.of(
            "m d 755 0:0", "m/closed f 400 0:0 X", "m/setuid f 755 0:0 X", "m/sticky d 1777 0:0"),
        // Go's tar writer rounds where others cut.
        "times below a second",
        List.of("t d 755 0:0", "t/file f 644 0:0 T @1234567891"));
  }
}
