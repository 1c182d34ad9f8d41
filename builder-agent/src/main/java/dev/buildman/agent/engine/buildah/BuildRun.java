package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.ContextFiles;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs the instructions: writes what buildah reads, calls it, and takes secrets away again. */
final class BuildRun {
  private final BuildRequest request;
  private final BuildPlan plan;
  private final Buildah buildah;
  private final BaseLayers bases;
  private final EngineLog log;
  private final Path idFile;

  BuildRun(BuildRequest request, BuildPlan plan, Buildah buildah, BaseLayers bases, EngineLog log) {
    this.request = request;
    this.plan = plan;
    this.buildah = buildah;
    this.bases = bases;
    this.log = log;
    this.idFile = buildah.world().file("image-id");
  }

  /**
   * Runs all.
   *
   * @return the file with the image's id
   * @throws EngineFailure with the step and line that failed
   */
  Path run() throws EngineFailure, DockerfileException, IOException, InterruptedException {
    World world = buildah.world();
    BuildOptions options = request.options();
    Arguments arguments = Arguments.of(options.buildArgs());
    String text =
        new Preparation(request, plan, bases, world.file(World.STAGED), log)
            .rewrite(new ContextFiles(request.context()).text(), arguments.fixed());
    SecretFiles.write(world.file(World.DOCKERFILE), text.getBytes(StandardCharsets.UTF_8));
    SecretFiles secrets = new SecretFiles(world.file("secrets"), options.run());
    try (ControlGroup group = limits()) {
      List<String> prefix = group == null ? List.of() : group.prefix();
      List<String> named = secrets.write();
      boolean cached = !options.cache().equals(CacheRefs.NONE);
      if (cached) {
        Map<String, Credentials> credentials = new HashMap<>(request.registries().pull().byScope());
        credentials.putAll(request.registries().push().byScope());
        AuthFile.write(world.file(World.AUTH), credentials);
      }
      Attempt attempt = new Attempt(text, arguments, named, prefix);
      Buildah.Result result = attempt.run(cached);
      if (!result.ok() && cached && isAboutCache(result)) {
        log.output(
            "# The cache cannot be used, so the build goes on without: " + result.words() + "\n");
        result = attempt.run(false);
      }
      if (!result.ok()) {
        throw failure(attempt.steps, result, group);
      }
      return idFile;
    } finally {
      secrets.remove();
      Files.deleteIfExists(world.file(World.AUTH));
    }
  }

  /** One call of buildah after the other, with the same steps. */
  private final class Attempt {
    private final String text;
    private final Arguments arguments;
    private final List<String> secrets;
    private final List<String> prefix;
    private StepLog steps;

    Attempt(String text, Arguments arguments, List<String> secrets, List<String> prefix)
        throws DockerfileException {
      this.text = text;
      this.arguments = arguments;
      this.secrets = secrets;
      this.prefix = prefix;
      this.steps = newSteps();
    }

    private StepLog newSteps() throws DockerfileException {
      return new StepLog(plan.instructions(), Preparation.printed(text, plan.instructions()), log);
    }

    Buildah.Result run(boolean cached)
        throws EngineFailure, DockerfileException, InterruptedException {
      steps = newSteps();
      List<String> command =
          new BuildCommand(request, plan, buildah.world())
              .arguments(idFile, arguments, secrets, cached);
      return buildah.run(new Buildah.Call(prefix, arguments.environment(), command), steps);
    }
  }

  /** buildah ends a build when a cache cannot be reached or written. */
  private static boolean isAboutCache(Buildah.Result result) {
    String words = result.words();
    return words.contains("cache") && !words.contains("building at STEP \"RUN");
  }

  private @Nullable ControlGroup limits() throws EngineFailure {
    if (!request.options().run().limited() || !buildah.world().isolation().equals("chroot")) {
      return null;
    }
    try {
      return ControlGroup.create(
          BuildahEngine.CONTROL_GROUPS, "buildman-" + UUID.randomUUID(), request.options().run());
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.BUILD_RUN_ERROR,
          "the limits of RUN cannot be set: the kernel allows no control group here ("
              + e.getMessage()
              + ")",
          e);
    }
  }

  private EngineFailure failure(
      StepLog steps, Buildah.Result result, @Nullable ControlGroup group) {
    EngineFailure failure = steps.failure(result);
    if (group == null || !group.ranOutOfMemory()) {
      return failure;
    }
    return EngineFailure.of(
            failure.code(),
            "%s; it ran out of memory: RUN may use %d MiB"
                .formatted(failure.message(), request.options().run().memoryBytes() >> 20))
        .at(failure.step(), failure.line())
        .withExitCode(failure.exitCode());
  }
}
