package dev.buildman.agent.engine.matrix;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.embedded.EmbeddedEngine;
import dev.buildman.agent.runtime.Sleeper;
import java.time.InstantSource;

final class EmbeddedMatrixIT extends EngineMatrix {
  @Override
  protected BuildEngine engine() {
    return new EmbeddedEngine(InstantSource.system(), Sleeper.system());
  }
}
