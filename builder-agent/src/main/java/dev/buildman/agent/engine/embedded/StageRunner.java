package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Expansion;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageScope;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.RegistryFailures;
import dev.buildman.agent.engine.tree.TreeException;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.List;

/** Runs the instructions of one stage. For one thread. */
final class StageRunner {

  private final BuildSetting setting;
  private final Stage stage;
  private final StageImage image;
  private final StageScope scope;
  private final MetadataRunner metadata;
  private final Transfers transfers;

  StageRunner(BuildSetting setting, Stage stage, StageImage image, FileOrigins origins) {
    this.setting = setting;
    this.stage = stage;
    this.image = image;
    this.scope = setting.plan().globals().stage(image.config().environment());
    this.metadata = new MetadataRunner(image.config(), scope, setting.created());
    this.transfers = new Transfers(setting, stage, image, origins);
  }

  /** Runs the triggers of the base image, then the stage's own instructions. */
  void run(Steps steps) throws EngineFailure, InterruptedException {
    List<String> triggers = image.config().takeTriggers();
    if (!triggers.isEmpty()) {
      setting
          .log()
          .output("# Executing " + triggers.size() + " build trigger(s) of the base image\n");
    }
    for (String trigger : triggers) {
      int line = stage.from().line();
      try {
        run(Dockerfile.trigger(trigger, line));
      } catch (DockerfileException e) {
        throw Failures.dockerfile(e).at("ONBUILD " + trigger, line);
      }
    }
    for (Instruction instruction : stage.instructions()) {
      steps.next(instruction);
      run(instruction);
    }
  }

  private void run(Instruction instruction) throws EngineFailure, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before " + instruction.text());
    }
    try {
      dispatch(instruction);
    } catch (EngineFailure e) {
      throw e.at(instruction.text(), instruction.line());
    } catch (DockerfileException e) {
      throw Failures.dockerfile(e).at(instruction.text(), instruction.line());
    } catch (TreeException e) {
      String message =
          "Dockerfile line "
              + instruction.line()
              + ": "
              + instruction.text()
              + ": "
              + e.getMessage();
      throw EngineFailure.of(FailureCode.BUILD_ERROR, message, e)
          .at(instruction.text(), instruction.line());
    } catch (RegistryException e) {
      throw RegistryFailures.pull("of stage " + stage.label(), e)
          .at(instruction.text(), instruction.line());
    } catch (IOException e) {
      throw Failures.local(e).at(instruction.text(), instruction.line());
    }
  }

  private void dispatch(Instruction instruction)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    Expansion expansion = scope.expansion();
    switch (instruction) {
      case Instruction.Copy copy -> transfers.copy(copy, expansion);
      case Instruction.Add add -> transfers.add(add, expansion);
      case Instruction.Workdir workdir -> transfers.makeFolder(workdir, metadata.workdir(workdir));
      case Instruction.Run run -> throw new DockerfileException(run.line(), Limits.NO_RUN);
      default -> metadata.run(instruction);
    }
  }
}
