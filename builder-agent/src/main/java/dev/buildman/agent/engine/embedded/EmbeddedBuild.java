package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.ImageBuild;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.registry.Platform;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One build of the embedded engine. For one thread. */
final class EmbeddedBuild implements ImageBuild {

  private static final int ID_LENGTH = 12;

  private final BuildSetting setting;
  private final RegistryClients clients;
  private final BaseImages images;
  private final FileOrigins origins;
  private @Nullable ImageDocuments documents;
  private List<Layer> layers = List.of();

  EmbeddedBuild(BuildSetting setting, RegistryClients clients, IgnoreFile ignore) {
    this.setting = setting;
    this.clients = clients;
    this.images = new BaseImages(clients.pull(), setting.store(), setting.log());
    this.origins =
        new FileOrigins(setting.request().context().directory(), ignore, setting.plan(), images);
  }

  @Override
  public List<BaseImage> pull() throws EngineFailure, InterruptedException {
    for (Stage stage : setting.plan().graph().needed()) {
      try {
        pull(stage);
      } catch (DockerfileException e) {
        throw Failures.dockerfile(e).at(stage.from().text(), stage.from().line());
      }
    }
    return images.pulled();
  }

  private void pull(Stage stage) throws EngineFailure, DockerfileException, InterruptedException {
    BuildPlan plan = setting.plan();
    if (plan.graph().base(stage) instanceof Origin.OfImage(String reference)) {
      try {
        pullBase(stage, reference, plan.platform(stage));
      } catch (EngineFailure e) {
        throw e.at(stage.from().text(), stage.from().line());
      }
    }
    for (Instruction instruction : stage.instructions()) {
      String from = instruction instanceof Instruction.Copy copy ? copy.from() : null;
      if (from != null
          && plan.graph().source(stage, from, instruction.line())
              instanceof Origin.OfImage(String reference)) {
        try {
          images.fetch(reference, plan.platform());
        } catch (EngineFailure e) {
          throw e.at(instruction.text(), instruction.line());
        }
      }
    }
  }

  private void pullBase(Stage stage, String reference, Platform platform)
      throws EngineFailure, DockerfileException, InterruptedException {
    StageImage image = images.get(reference, platform);
    if (setting.plan().needsFiles(stage) || !image.config().takeTriggers().isEmpty()) {
      images.fetch(reference, platform);
    }
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    Steps steps = new Steps(setting.log(), setting.plan().steps());
    StageImage target = null;
    for (Stage stage : setting.plan().graph().needed()) {
      steps.next(stage.from());
      StageImage image = begin(stage);
      new StageRunner(setting, stage, image, origins).run(steps);
      origins.finished(stage, image);
      target = image;
    }
    if (target == null) {
      throw new IllegalStateException("a plan without stages");
    }
    return finish(target);
  }

  private StageImage begin(Stage stage) throws EngineFailure, InterruptedException {
    try {
      return origins.base(stage, setting.store());
    } catch (DockerfileException e) {
      throw Failures.dockerfile(e).at(stage.from().text(), stage.from().line());
    }
  }

  private BuiltImage finish(StageImage target) throws EngineFailure, InterruptedException {
    target.config().addLabels(setting.request().options().allLabels());
    layers = target.layers();
    try {
      ImageDocuments made = ImageDocuments.of(target.config(), layers, setting.created());
      documents = made;
      setting
          .log()
          .output(
              "Successfully built "
                  + made.configBlob().digest().hex().substring(0, ID_LENGTH)
                  + "\n");
      return new BuiltImage(made.configBlob().digest().toString(), layers.size());
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  @Override
  public PushableImage image() {
    ImageDocuments made = documents;
    if (made == null) {
      throw new IllegalStateException("nothing is built yet");
    }
    return new EmbeddedImage(setting.store(), made, layers);
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    PushableImage image = image();
    return new ImagePush(clients, image, permit, setting.log())
        .run(setting.request().tags(), image.manifest().config().digest().toString());
  }

  @Override
  public void close() {
    setting.store().close();
    clients.close();
  }
}
